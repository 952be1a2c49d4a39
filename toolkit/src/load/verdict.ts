import { percentText, plural, quantileName, short } from '../report/words';
import { neededFor } from './measure/recorder';
import type { LoadReport, PathReport, Promises } from './report/schema';
import { timeText, viaWords } from './words';

/** Behind the rate by more than chance: pgbench draws its due times at random. */
const BEHIND = 0.02;

/** Which promises were broken, and which could not be judged. Kept are all when none was broken. */
export const judge = (paths: readonly PathReport[], promises: Promises, rate: number | null): LoadReport['verdict'] => {
  const findings = paths.flatMap((path) =>
    brokenBy(path, promises, rate).map((what) => `${viaWords[path.via]}: ${what}`),
  );
  const notJudged = paths.flatMap((path) =>
    path.latency.count === 0
      ? []
      : promises.latency
          .filter(({ quantile }) => secondsAt(path, quantile) === null)
          .map(
            ({ quantile }) =>
              `${viaWords[path.via]}: ${quantileName(quantile)}, which takes ${short(neededFor(quantile))} transactions, and there were ${short(path.latency.count)}`,
          ),
  );
  return { kept: findings.length === 0, findings, notJudged };
};

const secondsAt = ({ latency }: PathReport, quantile: number): number | null =>
  latency.quantiles.find((one) => one.quantile === quantile)?.seconds ?? null;

const brokenBy = (path: PathReport, promises: Promises, rate: number | null): string[] => {
  if (path.latency.count === 0) return ['no transaction was done'];
  return [
    ...promises.latency.flatMap(({ quantile, seconds }) => {
      const found = secondsAt(path, quantile);
      return found === null || found <= seconds
        ? []
        : [`${quantileName(quantile)} is ${timeText(found)}, promised were ${timeText(seconds)}`];
    }),
    ...(path.errorRatio > promises.errorRatio
      ? [
          `${percentText(path.errorRatio)} of transactions failed, promised were at most ${percentText(promises.errorRatio)}`,
        ]
      : []),
    ...(path.clientsLost > 0
      ? [`${plural(path.clientsLost, 'client')} gave up: ${path.complaints[0]?.why ?? 'no reason was told'}`]
      : []),
    ...(rate !== null && path.throughput < rate * (1 - BEHIND) && (path.unsent ?? 0) > 0
      ? [`only ${short(path.throughput)} of ${short(rate)} transactions a second were done`]
      : []),
  ];
};
