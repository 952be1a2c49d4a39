import type { Config, PostgresFacts, Resource, StatementsAnswer, StatementSummary } from '@submilli/core';
import { regressions } from '../derived/regressions';
import type { Verdict } from '../regressions/verdict';
import { statements } from '../samplers/statements';
import type { Counters } from '../statements/entry';
import { type Interval, statementKey } from '../statements/interval';
import { lookOf, type StatementsState, typeOf, windowOf } from '../statements/state';

const MOST = 500;

/** The statements of the window by executor time. */
export const statementsResource: Resource<PostgresFacts> = {
  path: 'statements',
  answer: ({ snapshots, config }): StatementsAnswer => {
    const state = snapshots.of(statements);
    if (state === undefined) return { windowSeconds: 0, statements: [] };
    const { seconds, intervals } = windowOf(state);
    const verdicts = snapshots.of(regressions)?.verdicts;
    const all = [...intervals.values()].sort((a, b) => b.seconds - a.seconds);
    const whole = all.reduce((sum, interval) => sum + interval.seconds, 0);
    return {
      windowSeconds: seconds,
      statements: all.slice(0, MOST).map((interval) => ({
        database: interval.database,
        queryid: interval.queryid,
        queryType: typeOf(state.types, interval.queryid),
        ...textFor(state, interval.queryid, config),
        calls: interval.calls,
        totalSeconds: interval.seconds,
        meanSeconds: interval.seconds / interval.calls,
        deviationSeconds: deviationOf(interval.m2, interval.calls),
        timeShare: whole === 0 ? 0 : interval.seconds / whole,
        ...figuresOf(interval, state),
        baseline: baselineOf(verdicts?.get(statementKey(interval))),
      })),
    };
  },
};

const textFor = (
  state: StatementsState,
  queryid: string,
  { query_text }: Pick<Config, 'query_text'>,
): Pick<StatementSummary, 'query' | 'queryMissing'> => {
  if (query_text === 'fingerprint') return { query: null, queryMissing: 'query_text: normalised is not configured' };
  const look = lookOf(state, queryid);
  return { query: look?.text ?? look?.kind ?? null, queryMissing: look === undefined ? 'not_yet_read' : look.reason };
};

const deviationOf = (m2: number | null, calls: number): number | null =>
  m2 === null || calls === 0 ? null : Math.sqrt(m2 / calls);

type Figures = Omit<
  StatementSummary,
  | ('database' | 'queryid' | 'queryType' | 'query' | 'queryMissing')
  | ('calls' | 'totalSeconds' | 'meanSeconds' | 'deviationSeconds' | 'timeShare' | 'baseline')
>;

const figuresOf = ({ counters, planM2 }: Interval, { last }: StatementsState): Figures => {
  const { plans, planSeconds } = counters;
  const planning = { plans, totalSeconds: planSeconds, deviationSeconds: deviationOf(planM2, plans) };
  const { hit, read, dirtied, written, localHit, localRead, localDirtied, localWritten } = counters;
  return {
    rows: counters.rows,
    planning: last?.info.planningTimed === true ? planning : null,
    sharedBlocks: { hit, read, dirtied, written },
    localBlocks: { hit: localHit, read: localRead, dirtied: localDirtied, written: localWritten },
    tempBlocks: { read: counters.tempRead, written: counters.tempWritten },
    blockTimes: last?.info.ioTimed === true ? blockTimesOf(counters) : null,
    wal: {
      ...{ bytes: counters.wal, records: counters.walRecords },
      ...{ fullPageImages: counters.walImages, buffersFull: counters.walBuffersFull },
    },
    jit: jitOf(counters),
    parallelWorkers:
      counters.workersPlanned === null
        ? null
        : { planned: counters.workersPlanned, launched: counters.workersLaunched ?? 0 },
  };
};

const blockTimesOf = (counters: Counters): StatementSummary['blockTimes'] => ({
  sharedReadSeconds: counters.readSeconds,
  sharedWriteSeconds: counters.writeSeconds,
  localReadSeconds: counters.localReadSeconds,
  localWriteSeconds: counters.localWriteSeconds,
  tempReadSeconds: counters.tempReadSeconds,
  tempWriteSeconds: counters.tempWriteSeconds,
});

const jitOf = (counters: Counters): StatementSummary['jit'] =>
  counters.jitFunctions === null
    ? null
    : {
        functions: counters.jitFunctions,
        generationSeconds: counters.jitGeneration ?? 0,
        inliningSeconds: counters.jitInlining ?? 0,
        optimizationSeconds: counters.jitOptimization ?? 0,
        emissionSeconds: counters.jitEmission ?? 0,
        deformSeconds: counters.jitDeform,
      };

const baselineOf = (verdict: Verdict | undefined): StatementSummary['baseline'] => {
  if (verdict === undefined) return null;
  const { usual, ratio, since, changes } = verdict;
  return {
    basis: usual.basis,
    hours: usual.hours,
    meanSeconds: usual.mean,
    spreadSeconds: usual.spread,
    ratio,
    regressedSince: since === null ? null : new Date(since * 1000).toISOString(),
    changes: [...changes],
  };
};
