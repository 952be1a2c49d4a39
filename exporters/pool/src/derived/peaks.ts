import { defineDerived } from '@submilli/core';
import { poolWindow } from '../samplers/pool-window';

/** The most that any one pool of a database was seen to want at once, since when it is watched. */
export type Peak = {
  readonly database: string;
  /** Busy servers and waiting clients together. */
  readonly wanted: number;
  readonly watchedSeconds: number;
};

/** `since`: milliseconds of the clock that `at` is of. */
export type Peaks = {
  readonly since: ReadonlyMap<string, number>;
  readonly peaks: readonly Peak[];
};

/**
 * Remembers the highest peak of each database for as long as it is watched without a break: a pool has the size that its
 * busiest minute of the day needs, so that no window of a minute can say that it is too large.
 */
export const peaks = defineDerived({
  name: 'peaks',
  source: 'SHOW POOLS',
  metrics: {},
  derive: (snapshots, _env, before: Peaks | undefined, at): Peaks => {
    const readings = (snapshots.of(poolWindow)?.readings ?? []).map(({ value }) => value);
    if (before !== undefined && readings.length === 0) return before;
    const names = [...new Set(readings.flatMap((value) => [...value.keys()]))];
    const since = new Map(names.map((name) => [name, before?.since.get(name) ?? at]));
    return {
      since,
      peaks: names.map((database) => {
        const earlier = before?.peaks.find((peak) => peak.database === database)?.wanted ?? 0;
        const pools = readings.flatMap((value) => value.get(database)?.pools ?? []);
        return {
          database,
          wanted: Math.max(earlier, ...pools.map(({ busy, waiting }) => busy + waiting)),
          watchedSeconds: Math.max(0, (at - (since.get(database) ?? at)) / 1000),
        };
      }),
    };
  },
  publish: () => [],
});
