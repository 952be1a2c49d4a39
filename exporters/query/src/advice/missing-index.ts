import { defineRule, type Env, type Finding, type FollowUp, type PostgresFacts } from '@submilli/core';
import type { AdvisedIndex } from '../advisor/report';
import type { Tracked, Verdict, Work } from '../index-advice/state';
import { indexAdvice } from '../surveys/index-advice';

/** Of one look, the indexes that matter most. */
const MOST_FINDINGS = 10;
const MOST_STATEMENTS = 5;

const states: Readonly<Record<Verdict, FollowUp['state']>> = {
  confirmed: 'verified',
  'no effect': 'no-effect',
  regressed: 'regressed',
};

/** Indexes that the statements want; once one is there, what became of the statements that it was for. */
export const missingIndex = defineRule({
  name: 'missing-index',
  title: 'An index would make statements cheaper, all that it costs to write included',
  signal:
    'statements by their calls, planned with and without hypothetical indexes (HypoPG), or estimated from statistics; writes, heap-only updates, sizes',
  threshold: 'takes 30 % or more off a statement, and pays for its own writes; within index_advice.storage_mb',
  inputs: { indexAdvice },
  check: ({ indexAdvice: state }) =>
    [...state].flatMap(([database, { advice }]) =>
      (advice?.indexes ?? [])
        .slice(0, MOST_FINDINGS)
        .map((index) => findingOf(database, index, advice?.plannerChecked === true)),
    ),
  followUp: ({ indexAdvice: state }, _env: Env<PostgresFacts>, past) => {
    const subjects = new Set(past.map(({ subject }) => subject));
    return [...state].flatMap(([database, { tracked }]) =>
      tracked.flatMap((one) => (subjects.has(subjectOf(database, one)) ? followUpOf(database, one) : [])),
    );
  },
});

const subjectOf = (database: string, { definition }: { readonly definition: string }): string =>
  `${definition} in ${database}`;

const findingOf = (database: string, index: AdvisedIndex, checked: boolean): Finding => {
  const { effects, size, tax } = index;
  const [most] = [...effects].sort((a, b) => savedBy(b) - savedBy(a));
  const cost = (of: 'before' | 'after'): number =>
    effects.reduce((sum, effect) => sum + effect.callsPerSecond * effect[of], 0);
  return {
    subject: subjectOf(database, index),
    severity: 'warning',
    title: `An index on ${index.schema}.${index.table} would make ${effects.length === 1 ? `statement ${most?.statement ?? ''}` : `${effects.length} statements`} cheaper`,
    why: `${index.definition}: ${most === undefined ? '' : `statement ${most.statement} costs ${round(most.before)} now and ${round(most.after)} with it, at ${rate(most.callsPerSecond)} calls per second`}.`,
    evidence: [
      ...effects.slice(0, MOST_STATEMENTS).map(({ statement, before, after, callsPerSecond, timeShare }) => ({
        label: `statement ${statement}`,
        value: `cost ${round(before)} → ${round(after)}, ${rate(callsPerSecond)} calls/s, ${Math.round(timeShare * 100)} % of all time`,
        unit: '',
      })),
      { label: 'size', value: `${megabytes(size.low)} to ${megabytes(size.high)}`, unit: 'MB' },
      { label: 'entries written', value: tax.known ? rate(tax.entriesPerSecond) : 'not known here', unit: '/s' },
      { label: 'WAL', value: tax.known ? Math.round(tax.walBytesPerSecond) : 'not known here', unit: 'bytes/s' },
      ...index.warnings.map((warning) => ({ label: 'mind', value: warning, unit: '' })),
    ],
    action: {
      kind: 'sql',
      text: `${index.create}\n-- back: ${index.drop}\n-- not within a transaction; if it fails, drop the invalid index that it leaves`,
      reversible: true,
      lock: 'SHARE UPDATE EXCLUSIVE',
      needsRestart: false,
    },
    impact: {
      what: 'cost of its statements per second, in the planner’s units',
      before: round(cost('before')),
      after: round(cost('after')),
      confidence: index.confidence,
      measured: `${index.measured}${checked ? '' : ' (planner_checked=false)'}; what it really brings is measured once it is there`,
    },
  };
};

const savedBy = ({ callsPerSecond, before, after }: AdvisedIndex['effects'][number]): number =>
  callsPerSecond * (before - after);

const round = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
const rate = (value: number): string => String(Number(value.toPrecision(2)));
const megabytes = (bytes: number): string => String(Number((bytes / 1024 / 1024).toPrecision(2)));

const followUpOf = (database: string, one: Tracked): FollowUp[] => {
  const { appeared, verdict, before, after, statements } = one;
  if (appeared === null) return [];
  return [
    {
      subject: subjectOf(database, one),
      state: verdict === null ? 'applied' : states[verdict],
      evidence: [
        { label: 'index', value: appeared.name, unit: '' },
        ...statements.slice(0, MOST_STATEMENTS).map((id) => ({
          label: `statement ${id}`,
          value: `${perCall(before[id])} before, ${perCall(after[id])} since`,
          unit: '',
        })),
      ],
    },
  ];
};

const perCall = (work: Work | undefined): string =>
  work === undefined || work.calls === 0
    ? 'not seen'
    : `${Number(((work.seconds / work.calls) * 1000).toPrecision(3))} ms and ${Math.round(work.blocks / work.calls)} blocks per call`;
