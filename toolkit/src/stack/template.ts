import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { checkout } from './layout';

/**
 * Replaces each `{{name}}`, and the quotes right around it when the value is a number: templates have them to be YAML.
 * Throws a `SubmilliError` for a name without a value: a half-filled file starts nothing.
 */
export const render = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replaceAll(/'\{\{(\w+)\}\}'|\{\{(\w+)\}\}/g, (_, quoted: string | undefined, bare: string | undefined) => {
    const name = quoted ?? bare ?? '';
    const value = values[name];
    if (value === undefined) throw new SubmilliError({ what: `a template wants {{${name}}}, which nobody sets` });
    return quoted !== undefined && typeof value === 'string' ? `'${value}'` : String(value);
  });

/** A file of the reference configuration, as it stands in cluster/. */
export const readReference = (path: string): string => readFileSync(join(checkout, 'cluster', path), 'utf8');

export const renderReference = (path: string, values: Readonly<Record<string, string | number>>): string =>
  render(readReference(path), values);
