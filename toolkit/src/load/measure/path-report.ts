import type { PgbenchEnd } from '../pgbench';
import type { ScriptFile } from '../profile';
import type { PathReport, ReportedDistribution, Via } from '../report/schema';
import type { LogReading } from './read-log';
import { type Distribution, meanOf, quantileIn } from './recorder';
import { type Looks, whereTimeWent } from './where-time-went';

export type MeasuredPath = {
  readonly via: Via;
  readonly scripts: readonly ScriptFile[];
  readonly seconds: number;
  readonly rate: number | undefined;
  readonly quantiles: readonly number[];
  readonly log: LogReading;
  readonly end: PgbenchEnd;
  readonly database: Looks;
  readonly pool: Looks | undefined;
  /** Between the looks at the exporters. */
  readonly lookSeconds: number;
};

/** The figures of one path, from all that was read of it. */
export const pathReport = (measured: MeasuredPath): PathReport => {
  const { via, scripts, seconds, rate, quantiles, log, end } = measured;
  const failures = Object.values(log.failed).reduce((sum, count) => sum + count, 0) + end.clientsLost;
  const throughput = log.latency.count / seconds;
  return {
    via,
    latency: reported(log.latency, quantiles),
    lag: rate === undefined ? null : reported(log.lag, quantiles),
    throughput,
    failed: log.failed,
    retries: log.retries,
    clientsLost: end.clientsLost,
    complaints: [...end.complaints].map(([why, count]) => ({ why: withoutAddress(why), count })),
    errorRatio: failures === 0 ? 0 : failures / (failures + log.latency.count),
    unsent: rate === undefined ? null : unsentOf(rate * seconds, failures + log.latency.count),
    connectSeconds: end.connectSeconds,
    scripts: scripts.map(({ name }, i) => ({
      name,
      failed: log.scripts[i]?.failed ?? 0,
      latency: reported(log.scripts[i]?.latency, quantiles),
    })),
    curve: curveOf(log.latency),
    timeline: {
      stretchSeconds: log.stretchSeconds,
      stretches: log.stretches.map(({ at, failed, latency }) => ({
        ...{ at, count: latency.count, failed },
        ...{ p50: quantileIn(latency, 0.5), p99: quantileIn(latency, 0.99) },
        max: latency.count === 0 ? null : latency.max,
      })),
    },
    time: timeOf(measured, throughput),
  };
};

const timeOf = ({ log, rate, lookSeconds, database, pool }: MeasuredPath, throughput: number): PathReport['time'] => {
  const { shares, absent } = whereTimeWent({
    meanSeconds: meanOf(log.latency) ?? 0,
    unsentSeconds: rate === undefined ? undefined : (meanOf(log.lag) ?? 0),
    ...{ transactions: throughput * lookSeconds, database, pool },
  });
  return { shares: [...shares], absent: [...absent] };
};

/** Due times are drawn at random: fewer than asked for by no more than three deviations is chance. */
const unsentOf = (due: number, ended: number): number => {
  const missing = Math.round(due) - ended;
  return missing > 3 * Math.sqrt(due) ? missing : 0;
};

const reported = (found: Distribution | undefined, quantiles: readonly number[]): ReportedDistribution =>
  found === undefined
    ? { count: 0, mean: null, max: null, quantiles: [] }
    : {
        count: found.count,
        mean: meanOf(found),
        max: found.count === 0 ? null : found.max,
        quantiles: quantiles.map((quantile) => ({ quantile, seconds: quantileIn(found, quantile) })),
      };

/** Points for each factor of ten that fewer transactions are slower. */
const PER_DECADE = 12;

/** From none to as far as the transactions reach, close where the tail is. */
const curveOf = (found: Distribution): PathReport['curve'] => {
  const points: [number, number][] = [];
  for (let i = 0; found.count * 10 ** (-i / PER_DECADE) >= 1; i += 1) {
    const quantile = 1 - 10 ** (-i / PER_DECADE);
    const seconds = quantileIn(found, quantile);
    if (seconds === null) break;
    points.push([quantile, seconds]);
  }
  return points;
};

/** What libpq says of a connection begins with where it went. */
const withoutAddress = (why: string): string =>
  why.replace(/^connection to server (at|on) .*? failed: /, 'no connection: ');
