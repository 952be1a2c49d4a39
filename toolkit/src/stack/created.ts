import { readFileSync } from 'node:fs';
import { SubmilliError } from '@submilli/core';
import { writeFile } from './files';
import type { Layout } from './layout';
import type { Plan } from './plan';

/** What a first start has finished making in the state directory. */
export type Created = {
  readonly kind: Plan['kind'];
  /** The major of PostgreSQL that made the data. */
  readonly postgresMajor?: number;
  /** Where its hosts are, when it has some: etcd remembers its members by address. */
  readonly subnet?: string;
};

/** Undefined if no first start has finished there. */
export const readCreated = (layout: Layout): Created | undefined => {
  try {
    return JSON.parse(readFileSync(layout.created, 'utf8')) as Created;
  } catch {
    return undefined;
  }
};

export const createdKind = (layout: Layout): Plan['kind'] | undefined => readCreated(layout)?.kind;

/** The last act of a first start: from now on its data are kept. */
export const markCreated = (layout: Layout, created: Created): void =>
  writeFile(layout.created, `${JSON.stringify({ ...created, at: new Date().toISOString() })}\n`, undefined, 0o644);

/** Throws a `SubmilliError` when the state directory holds the other kind: its data would be in the way. */
export const refuseOtherKind = (layout: Layout, kind: Plan['kind']): void => {
  const there = createdKind(layout);
  if (there === undefined || there === kind) return;
  const wanted = there === 'embedded' ? 'with' : 'without';
  throw new SubmilliError({
    what: `the data there are of the ${there} kind of stack, not of the ${kind} one`,
    where: layout.state,
    hint: `Start ${wanted} --embedded, or give this one a place of its own with --state DIR.`,
  });
};
