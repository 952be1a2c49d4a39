import { type Env, type Finding, type NotEvaluated, type PostgresFacts, quoteIdentifier } from '@submilli/core';

/** Most findings of one rule about a server: nobody works through more at a time, and the worst come first. */
export const MOST_FINDINGS = 20;

/** What one survey found in a database: how many there are, and the worst of them by name. */
export type Found<T> = { readonly count: number; readonly worst: readonly T[] };

/**
 * One finding for each of the worst of all databases, which say how many more there are. `weight` ranks them, larger
 * first.
 */
export const findingsFor = <T>(
  all: ReadonlyMap<string, Found<T>>,
  weight: (item: T) => number,
  findingOf: (item: T, database: string) => Finding,
): readonly Finding[] => {
  const total = [...all.values()].reduce((sum, { count }) => sum + count, 0);
  const worst = [...all]
    .flatMap(([database, { worst: items }]) => items.map((item) => ({ database, item })))
    .sort((a, b) => weight(b.item) - weight(a.item))
    .slice(0, MOST_FINDINGS);
  const more = total - worst.length;
  const also = more > 0 ? [{ label: 'others like it that are not listed', value: more, unit: '' }] : [];
  return worst.map(({ database, item }) => {
    const finding = findingOf(item, database);
    return { ...finding, evidence: [...finding.evidence, ...also] };
  });
};

/** Catalogs are the primary’s, and so is the work: a standby would only say the same again. */
export const onPrimary = (
  { facts }: Env<PostgresFacts>,
  check: () => readonly Finding[] | NotEvaluated,
): readonly Finding[] | NotEvaluated =>
  facts.role === 'primary' ? check() : { notEvaluated: 'it is judged on the primary, where it can be changed' };

/** The name of an object as people say it, with its database: for subjects. */
export const subjectOf = (database: string, schema: string, name: string): string => `${database}: ${schema}.${name}`;

/** A line for people among statements; a name in it can't end it. */
export const comment = (text: string): string => `-- ${text.replaceAll(/[\r\n]/g, ' ')}`;

/** Statements that must run in one database, said so. */
export const inDatabase = (database: string, ...statements: readonly string[]): string =>
  [comment(`in database ${quoteIdentifier(database)}`), ...statements].join('\n');
