import { type Window, spanOf } from '@submilli/core';

/** One reading of a database's counters (SHOW STATS), and of its pools at that moment (SHOW POOLS). */
export type DemandReading = {
  readonly transactions: number;
  /** Time that transactions kept a server, and that they waited for one; seconds. */
  readonly serverSeconds: number;
  readonly waitSeconds: number;
  readonly pools: readonly { readonly user: string; readonly busy: number; readonly waiting: number }[];
};

export type DemandWindow = Window<ReadonlyMap<string, DemandReading>>;

/** What one database asked of its pools over the window. */
export type Demand = {
  readonly seconds: number;
  /** Transactions per second, and how long one kept a server. */
  readonly arrivals: number;
  readonly serviceSeconds: number;
  /** Mean wait of a transaction for a server. */
  readonly waitSeconds: number;
  /** Servers busy and clients waiting, on average: Little's law, L = λW, for both. */
  readonly busy: number;
  readonly waiting: number;
  /** Busy servers and waiting clients of the pool that had most of both, at its worst moment that was looked at. */
  readonly peak: number;
  /** Users whose pools did anything; each has a pool of its own. */
  readonly users: readonly string[];
};

/** Nothing before the window has two readings, without traffic, or across a restart of PgBouncer. */
export const demandOf = (window: DemandWindow, database: string): Demand | undefined => {
  const span = spanOf(window);
  const first = span?.first.get(database);
  const last = span?.last.get(database);
  if (span === undefined || first === undefined || last === undefined) return undefined;
  const transactions = last.transactions - first.transactions;
  const service = last.serverSeconds - first.serverSeconds;
  const wait = last.waitSeconds - first.waitSeconds;
  if (transactions <= 0 || service < 0 || wait < 0) return undefined;
  const pools = window.readings.flatMap(({ value }) => value.get(database)?.pools ?? []);
  const active = pools.filter(({ busy, waiting }) => busy + waiting > 0);
  return {
    ...{ seconds: span.seconds, arrivals: transactions / span.seconds, serviceSeconds: service / transactions },
    ...{ waitSeconds: wait / transactions, busy: service / span.seconds, waiting: wait / span.seconds },
    peak: Math.max(0, ...pools.map(({ busy, waiting }) => busy + waiting)),
    users: [...new Set(active.map(({ user }) => user))],
  };
};

/**
 * Servers that a pool needs so that clients hardly ever wait: the mean number wanted (busy and waited for), and two
 * standard deviations of it, as arrivals come at random (Poisson: the deviation is the root of the mean). Never less
 * than what was seen busy at once.
 */
export const serversNeeded = (busy: number, waiting: number, peakBusy: number): number => {
  const wanted = busy + waiting;
  return Math.max(1, Math.ceil(wanted + 2 * Math.sqrt(wanted)), Math.ceil(peakBusy));
};
