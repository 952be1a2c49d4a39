import { defineRule, type Finding } from '@submilli/core';
import type { DropAdvice } from '../advisor/drop';
import { indexAdvice } from '../surveys/index-advice';

const MOST_FINDINGS = 10;

/** Indexes whose work another one does: proved by making the planner blind to them where HypoPG can, else by structure. */
export const supersededIndex = defineRule({
  name: 'superseded-index',
  title: 'An index whose work another one does',
  signal: 'plans with and without it (hypopg_hide_index), or keys that another index begins with',
  threshold: 'no statement gets more than 2 % dearer without it',
  inputs: { indexAdvice },
  check: ({ indexAdvice: state }) =>
    [...state].flatMap(([database, { advice }]) =>
      (advice?.drops ?? [])
        // What an advised index would supersede can only go once that is there.
        .filter(({ instead }) => !instead.includes(' USING '))
        .slice(0, MOST_FINDINGS)
        .map((drop) => findingOf(database, drop)),
    ),
});

const findingOf = (database: string, drop: DropAdvice): Finding => ({
  subject: `${drop.schema}.${drop.name} in ${database}`,
  severity: 'info',
  title: `${drop.instead} does the work of ${drop.name}`,
  why: 'Every write to the table keeps both.',
  evidence: [
    { label: 'table', value: `${drop.schema}.${drop.table}`, unit: '' },
    { label: 'size', value: Math.round(drop.bytes / 1024 / 1024), unit: 'MB' },
    {
      label: 'proof',
      value:
        drop.proof === 'hidden'
          ? `hidden from the planner${drop.worst === null ? '; no statement used it' : `, the worst statement costs ${drop.worst.toFixed(2)} times as much`}`
          : 'by its columns alone; no planner was asked',
      unit: '',
    },
  ],
  action: {
    kind: 'sql',
    text: `${drop.drop}\n-- back: ${drop.undo}\n-- first look on every standby whether it is used there`,
    reversible: true,
    lock: 'SHARE UPDATE EXCLUSIVE',
    needsRestart: false,
  },
  impact: {
    what: 'bytes, and an entry of every write',
    before: `${Math.round(drop.bytes / 1024 / 1024)} MB`,
    after: '0 MB',
    confidence: drop.proof === 'hidden' ? 'high' : 'medium',
    measured: 'statements of the window on this server only',
  },
});
