import { type Window, spanOf } from '@submilli/core';

/** `clients`: connected to it, whether they ask for anything or not. */
export type PoolReading = {
  readonly user: string;
  readonly busy: number;
  readonly waiting: number;
  readonly clients: number;
};

/** One reading of a database's counters (SHOW STATS), and of its pools at that moment (SHOW POOLS). */
export type DemandReading = {
  readonly transactions: number;
  /** Time that transactions kept a server, and that they waited for one; seconds. */
  readonly serverSeconds: number;
  readonly waitSeconds: number;
  readonly pools: readonly PoolReading[];
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
  /** The part of all this that the pool with most of it had (1: there is one only), as often as it was looked at. */
  readonly heaviest: number;
  /** Clients of the pool that had most of them: no more can use a server at once. */
  readonly clients: number;
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
    heaviest: heaviestOf(active),
    clients: Math.max(0, ...pools.map(({ clients }) => clients)),
  };
};

const heaviestOf = (pools: readonly PoolReading[]): number => {
  const asked = new Map<string, number>();
  for (const { user, busy, waiting } of pools) asked.set(user, (asked.get(user) ?? 0) + busy + waiting);
  const all = [...asked.values()].reduce((sum, one) => sum + one, 0);
  return all === 0 ? 1 : Math.max(...asked.values()) / all;
};

/**
 * Servers that a pool needs so that clients hardly ever wait: the mean number wanted (busy and waited for), and two
 * standard deviations of it, as arrivals come at random (Poisson: the deviation is the root of the mean). Never less
 * than what was seen busy at once, never more than there are clients to use them.
 */
export const serversNeeded = (busy: number, waiting: number, peakBusy: number, clients = Infinity): number => {
  const wanted = busy + waiting;
  const staffed = Math.min(Math.ceil(wanted + 2 * Math.sqrt(wanted)), clients);
  return Math.max(1, staffed, Math.ceil(busy), Math.ceil(peakBusy));
};

/** Servers that clients held at the moments of the looks, on average; all pools of the database together. */
export const meanHeldOf = (window: DemandWindow, database: string): number => {
  const looks = window.readings.map(({ value }) =>
    (value.get(database)?.pools ?? []).reduce((sum, { busy }) => sum + busy, 0),
  );
  return looks.reduce((sum, busy) => sum + busy, 0) / Math.max(1, looks.length);
};
