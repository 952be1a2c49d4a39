import type { LatencyAnswer, LoggedLatency, PostgresFacts, Resource } from '@submilli/core';
import { latency, QUANTILES, type TypeLatency } from '../derived/latency';
import { estimateLatency, type LatencyEstimate } from '../latency/estimate';
import type { LogState } from '../latency/state';
import { strataOf } from '../latency/window';
import { weightOf } from '../latency/sketch';
import { isCovering } from '../log/settings';
import { log } from '../samplers/log';

const MOST_STATEMENTS = 100;

/** How long statements take, by type and by statement, with what stands behind each figure. */
export const latencyResource: Resource<PostgresFacts> = {
  path: 'latency',
  answer: ({ snapshots }): LatencyAnswer => {
    const found = snapshots.of(latency);
    const logged = snapshots.of(log);
    return {
      windowSeconds: found?.windowSeconds ?? 0,
      types: (found?.types ?? []).map(typeAnswer),
      commits: (found?.commits ?? []).map(({ database, logged: own }) => ({ database, log: estimateAnswer(own) })),
      statements: logged === undefined ? [] : statementsOf(logged),
      log: logged === undefined ? null : logAnswer(logged),
    };
  },
};

const typeAnswer = ({ database, type, logged, tailComplete, estimated }: TypeLatency) => ({
  database,
  queryType: type,
  log: logged === undefined ? null : { ...estimateAnswer(logged), tailComplete },
  estimate:
    estimated === undefined
      ? null
      : {
          calls: estimated.calls,
          quantiles: [...estimated.quantiles].map(([quantile, seconds]) => ({ quantile, seconds })),
        },
});

const estimateAnswer = ({
  statements,
  counted,
  lines,
  quantiles,
}: LatencyEstimate): Omit<LoggedLatency, 'tailComplete'> => ({
  ...{ statements, counted, lines },
  quantiles: quantiles.map(({ effective, ...rest }) => ({ ...rest, effectiveSamples: effective })),
});

const statementsOf = ({ statements, types, reading }: LogState): LatencyAnswer['statements'] => {
  if (reading === null || !isCovering(reading.settings.own)) return [];
  return [...strataOf(statements)]
    .map(([key, strata]) => ({ key, strata, weight: weightOf(strata.tail) + weightOf(strata.body) }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST_STATEMENTS)
    .map(({ key, strata }) => {
      const split = key.indexOf(' ');
      const queryid = key.slice(0, split);
      const estimate = estimateAnswer(estimateLatency(strata, undefined, QUANTILES));
      return { database: key.slice(split + 1), queryid, queryType: types.get(queryid) ?? 'other', log: estimate };
    });
};

const logAnswer = ({ reading, counts }: LogState): LatencyAnswer['log'] => {
  if (reading === null) return null;
  const { own } = reading.settings;
  return {
    readBy: reading.by,
    ...{ thresholdSeconds: own.threshold, sampleFromSeconds: own.sampleFrom, sampleRate: own.rate },
    ...{ behindBytes: reading.behind, skippedBytes: counts.skipped },
  };
};
