import type { IndexAdviceAnswer, PostgresFacts, Resource } from '@submilli/core';
import type { AdvisedIndex } from '../advisor/report';
import type { DatabaseAdvice, Tracked, Work } from '../index-advice/state';
import { indexAdvice } from '../surveys/index-advice';

/** Which indexes the statements want, what they would change, and what those that were built have changed. */
export const indexAdviceResource: Resource<PostgresFacts> = {
  path: 'index-advice',
  answer: ({ snapshots }): IndexAdviceAnswer => {
    const state = snapshots.of(indexAdvice);
    return {
      enabled: state !== undefined,
      databases: [...(state ?? [])].flatMap(([database, one]) => databaseOf(database, one)),
    };
  },
};

type Database = IndexAdviceAnswer['databases'][number];

const databaseOf = (database: string, { at, advice, asked, standbyProblem, tracked }: DatabaseAdvice): Database[] => {
  if (advice === null) return [];
  const { plannerChecked, explains, seconds, overBudget, bytes, storageBytes } = advice;
  return [
    {
      ...{
        database,
        lookedAt: time(at),
        askedOn: asked,
        standbyProblem,
        plannerChecked,
        explains,
        seconds,
        overBudget,
        bytes,
        storageBytes,
      },
      indexes: advice.indexes.map(indexOf),
      without: advice.without.map(({ statement, reasons }) => ({ queryid: statement, reasons: [...reasons] })),
      trials: advice.trials.map(({ statement, create, why }) => ({ queryid: statement, create, why })),
      drops: advice.drops.map(({ schema, table, name, bytes: size, instead, proof, drop, undo }) => ({
        ...{ name: `${schema}.${name}`, table: `${schema}.${table}`, bytes: size, instead, proof, drop, undo },
      })),
      built: tracked.flatMap(builtOf),
    },
  ];
};

const indexOf = (index: AdvisedIndex): Database['indexes'][number] => ({
  ...{ name: index.name, definition: index.definition, create: index.create, drop: index.drop },
  ...{ sizeBytes: index.size, confidence: index.confidence, measured: index.measured, warnings: [...index.warnings] },
  entriesPerSecond: index.tax.known ? index.tax.entriesPerSecond : null,
  walBytesPerSecond: index.tax.known ? index.tax.walBytesPerSecond : null,
  effects: index.effects.map(({ statement, ...effect }) => ({ queryid: statement, ...effect })),
});

const builtOf = ({ appeared, definition, verdict, statements, before, after }: Tracked): Database['built'] =>
  appeared === null
    ? []
    : [
        {
          ...{ name: appeared.name, definition, since: time(appeared.at), verdict: verdict ?? 'pending' },
          statements: statements.map((queryid) => ({
            ...{ queryid, before: meanOf(before[queryid]), since: meanOf(after[queryid]) },
          })),
        },
      ];

const meanOf = (work: Work | undefined) =>
  work === undefined || work.calls === 0
    ? null
    : { calls: Math.round(work.calls), seconds: work.seconds / work.calls, blocks: work.blocks / work.calls };

const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
