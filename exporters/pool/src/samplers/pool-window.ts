import { type Deadline, defineSampler, emptyWindow, selfMetrics, slide, spanOf, type SqlSession } from '@submilli/core';
import { busyOf } from '../collectors/pools';
import type { DemandReading, DemandWindow } from '../demand/demand';
import { CONSOLE, MICROSECONDS, numberOf, show, type ShowRow, textOf } from '../show';

/** `total_xact_time` begins with the client's query, before it has a server: the wait is in it (so in 1.18 to 1.25). */
const timesOf = (row: ShowRow): Pick<DemandReading, 'serverSeconds' | 'waitSeconds'> => {
  const waitSeconds = (numberOf(row, 'total_wait_time') ?? 0) / MICROSECONDS;
  return { serverSeconds: (numberOf(row, 'total_xact_time') ?? 0) / MICROSECONDS - waitSeconds, waitSeconds };
};

const read = async (
  session: SqlSession,
  _env: unknown,
  deadline: Deadline,
): Promise<ReadonlyMap<string, DemandReading>> => {
  const stats = await show(session, 'SHOW STATS', 'database', deadline);
  const pools = await show(session, 'SHOW POOLS', 'database', deadline);
  return new Map(
    stats
      .filter((row) => textOf(row, 'database') !== CONSOLE)
      .map((row) => {
        const database = textOf(row, 'database');
        return [
          database,
          {
            transactions: numberOf(row, 'total_xact_count') ?? 0,
            ...timesOf(row),
            pools: pools
              .filter((pool) => textOf(pool, 'database') === database)
              .map((pool) => ({
                user: textOf(pool, 'user'),
                busy: busyOf(pool),
                waiting: numberOf(pool, 'cl_waiting') ?? 0,
                clients: (numberOf(pool, 'cl_active') ?? 0) + (numberOf(pool, 'cl_waiting') ?? 0),
              })),
          },
        ];
      }),
  );
};

/** Remembers what the pools did, for what is judged over a window. */
export const poolWindow = defineSampler({
  name: 'pool-window',
  source: 'SHOW STATS and POOLS',
  metrics: { window: selfMetrics.window },
  // Whoever wants no look between scrapes gets none, and no second connection.
  interval: ({ pool_sampling_hz, sample_interval_seconds }) => (pool_sampling_hz === 0 ? 0 : sample_interval_seconds),
  start: ({ window_seconds }): DemandWindow => emptyWindow(window_seconds),
  read,
  fold: (window: DemandWindow, reading: ReadonlyMap<string, DemandReading>, at) => slide(window, at, reading),
  publish: (window, m) => [m.window({ collector: 'pool-window' }, spanOf(window)?.seconds ?? null)],
});
