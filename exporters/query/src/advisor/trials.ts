import { quoteIdentifier, quoteQualified } from '@submilli/core';
import type { Query } from './query';
import type { Slot, Term } from './model';

/** An index that may help, but that no planner here can be asked about: it takes building it to know. */
export type Trial = {
  readonly statement: string;
  readonly create: string;
  readonly why: string;
};

/** GIN indexes for what b-trees can't do: substrings, documents, arrays, full text. */
export const trialsFor = (queries: readonly Query[]): readonly Trial[] => {
  const found = queries.flatMap(({ statement, slots }) =>
    slots.flatMap((slot) => slot.terms.flatMap((term) => trialOf(statement.id, slot, term) ?? [])),
  );
  return [...new Map(found.map((trial) => [`${trial.statement} ${trial.create}`, trial])).values()];
};

const trialOf = (statement: string, { table }: Slot, { kind, target, operator }: Term): Trial | undefined => {
  if (kind !== 'pattern' || target.kind !== 'column' || table.kind !== 'table') return undefined;
  const column = table.columns.get(target.column);
  const index = table.indexes.some(({ keys, method }) => method === 'gin' && keys[0]?.column === target.column);
  const how = index ? undefined : operatorClassFor(column?.type ?? '', operator);
  if (how === undefined) return undefined;
  const on = `${quoteQualified(table.schema, table.name)} USING gin (${quoteIdentifier(target.column)}${how.operatorClass})`;
  return { statement, create: `CREATE INDEX CONCURRENTLY ON ${on};`, why: how.why };
};

const operatorClassFor = (type: string, operator: string): { operatorClass: string; why: string } | undefined => {
  if (/^(text|character|citext|name)/.test(type) && /^(~~\*?|~\*?|%)$/.test(operator)) {
    const why = 'finds pieces of text of three letters and more; needs the extension pg_trgm, and slows down writes';
    return { operatorClass: ' gin_trgm_ops', why };
  }
  if (type === 'jsonb' && /^(@>|\?|\?\||\?&|@@|@\?)$/.test(operator)) {
    return operator === '@>'
      ? { operatorClass: ' jsonb_path_ops', why: 'finds documents by what they contain; slows down writes' }
      : { operatorClass: '', why: 'finds documents by their keys; slows down writes' };
  }
  if (type.endsWith('[]') && /^(@>|<@|&&)$/.test(operator)) {
    return { operatorClass: '', why: 'finds lists by their elements; slows down writes' };
  }
  return type === 'tsvector' && operator === '@@'
    ? { operatorClass: '', why: 'finds texts by words; slows down writes' }
    : undefined;
};
