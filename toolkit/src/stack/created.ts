import { readFileSync } from 'node:fs';
import { SubmilliError } from '@submilli/core';
import { writeFile } from './files';
import type { Layout } from './layout';
import type { Plan } from './plan';

/** Which kind of stack a first start has finished making in the state directory; undefined if none has. */
export const createdKind = (layout: Layout): Plan['kind'] | undefined => {
  try {
    return (JSON.parse(readFileSync(layout.created, 'utf8')) as { kind: Plan['kind'] }).kind;
  } catch {
    return undefined;
  }
};

/** The last act of a first start: from now on its data are kept. */
export const markCreated = (layout: Layout, kind: Plan['kind']): void =>
  writeFile(layout.created, `${JSON.stringify({ kind, at: new Date().toISOString() })}\n`, undefined, 0o644);

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
