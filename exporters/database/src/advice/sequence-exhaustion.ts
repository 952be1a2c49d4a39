import { defineRule, type Finding, type PostgresFacts, quoteIdentifier, quoteQualified } from '@submilli/core';
import { type SequenceUse, sequences } from '../surveys/sequences';
import { run } from './action';
import { findingsFor, inDatabase, onPrimary, subjectOf } from './objects';

/** The change rewrites the table, so it must be planned while there is time for it. */
const WARNING = 0.7;
const CRITICAL = 0.9;

export const sequenceExhaustion = defineRule<PostgresFacts, { sequences: typeof sequences }>({
  name: 'sequence-exhaustion',
  title: 'Sequences run out',
  signal: 'last value against the end of the sequence, or of the integer column it is for',
  threshold: `${WARNING * 100} %, ${CRITICAL * 100} %`,
  inputs: { sequences },
  check: ({ sequences: all }, env) =>
    onPrimary(env, () => {
      const sum = (count: 'sequences' | 'unreadable'): number =>
        [...all.values()].reduce((total, row) => total + row[count], 0);
      if (sum('sequences') > 0 && sum('unreadable') === sum('sequences')) {
        const grant = `GRANT SELECT ON ALL SEQUENCES IN SCHEMA … TO ${quoteIdentifier(env.facts.user)};`;
        return {
          notEvaluated: `${env.facts.user} may read none of ${sum('sequences')} sequences; as their owner: ${grant}`,
        };
      }
      const near = new Map(
        [...all].map(([database, { fullest }]) => {
          const worst = fullest.filter(({ used }) => used >= WARNING);
          return [database, { count: worst.length, worst }];
        }),
      );
      return findingsFor(near, ({ used }) => used, findingOf);
    }),
});

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

const findingOf = (use: SequenceUse, database: string): Finding => {
  const sequence = quoteQualified(use.schema, use.sequence);
  const isColumnNarrow = use.column_type === 'integer' || use.column_type === 'smallint';
  const widen =
    isColumnNarrow && use.table !== null && use.column !== null && use.table_schema !== null
      ? [
          `ALTER TABLE ${quoteQualified(use.table_schema, use.table)} ALTER COLUMN ${quoteIdentifier(use.column)} TYPE bigint; -- rewrites the table`,
        ]
      : [];
  return {
    subject: subjectOf(database, use.schema, use.sequence),
    severity: use.used >= CRITICAL ? 'critical' : 'warning',
    title: `Sequence ${use.schema}.${use.sequence} has used ${percent(use.used)} of its numbers`,
    why: 'At its end every insert that takes a number from it fails. Columns of other tables that hold these numbers have the same end.',
    evidence: [
      { label: 'last value', value: use.last_value, unit: '' },
      { label: 'end', value: use.limit, unit: '' },
      { label: 'used', value: percent(use.used), unit: '' },
      ...(use.table === null
        ? []
        : [
            { label: 'for the column', value: `${use.table}.${use.column ?? ''} (${use.column_type ?? ''})`, unit: '' },
          ]),
    ],
    action: run(
      'sql',
      inDatabase(database, ...widen, `ALTER SEQUENCE ${sequence} AS bigint NO MAXVALUE;`),
      false,
      widen.length > 0 ? 'ACCESS EXCLUSIVE on the table while it is rewritten' : 'SHARE ROW EXCLUSIVE on the sequence',
    ),
    impact: {
      ...{ what: 'share of its numbers used', before: percent(use.used), after: 'next to nothing', confidence: 'high' },
      measured: 'pg_sequence_last_value()',
    },
  };
};
