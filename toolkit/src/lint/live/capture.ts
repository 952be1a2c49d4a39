import { messageOf } from '@submilli/core';
import { stringify } from 'yaml';
import type { Given } from '../files/read';

/** What could not be looked at, why, and what would let us. */
export type Unread = { readonly what: string; readonly why: string; readonly fix: string };

/** What was found of one program that runs, as a text whose lines can be pointed at. */
export const captured = (name: string, found: Readonly<Record<string, unknown>>): Given => ({
  kind: 'live',
  source: { path: `live/${name}`, text: stringify(found, { lineWidth: 0, aliasDuplicateObjects: false }) },
});

export const isDown = (what: string, why: string, fix: string): { readonly down: Unread } => ({
  down: { what, why, fix },
});

/** Some errors begin with whom they are of, which is said already. */
export const whyOf = (error: unknown, name: string): string => {
  const message = messageOf(error);
  return message.startsWith(`${name} (`) ? message.slice(message.indexOf('): ') + 3) : message;
};
