import { defineRule, type Finding } from '@submilli/core';
import { databases } from '../collectors/databases';
import { isSessionPooled, pools } from '../collectors/pools';
import { type Demand, demandOf, serversNeeded } from '../demand/demand';
import { type Queueing, queueingOf } from '../demand/queueing';
import { roomFor, serverRooms } from '../derived/server-rooms';
import { poolWindow } from '../samplers/pool-window';
import { CONSOLE, numberOf, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';
import { iniDatabase, iniLines, milliseconds, MOST_FINDINGS, quoted } from './ini';

/** Waiting this part of the time that the work itself takes is worth a change. */
const WORTH_IT = 0.1;

type Inputs = {
  readonly databases: typeof databases;
  readonly pools: typeof pools;
  readonly poolWindow: typeof poolWindow;
  readonly serverRooms: typeof serverRooms;
};

export const poolSize = defineRule<PoolFacts, Inputs>({
  name: 'pool-size',
  title: 'Clients wait because the pool is too small',
  signal: 'mean wait of a transaction for a server, against how long it keeps one (SHOW STATS, over the window)',
  threshold: `${WORTH_IT * 100} %, fewer servers than Little’s law asks for, and the pool full at a look that found a queue`,
  inputs: { databases, pools, poolWindow, serverRooms },
  check: ({ databases: rows, pools: poolRows, poolWindow: window, serverRooms: rooms }, { config }) => {
    const judged = rows
      .filter((row) => textOf(row, 'name') !== CONSOLE && !isSessionPooled(poolRows, textOf(row, 'name')))
      .map((row) => ({ row, name: textOf(row, 'name'), demand: demandOf(window, textOf(row, 'name')) }));
    if (judged.every(({ demand }) => demand === undefined)) {
      return { notEvaluated: 'no traffic in the window (pools in session mode are not judged)' };
    }
    // A queue of a second says more about the second than about the pool.
    const covered = Math.max(...judged.map(({ demand }) => demand?.seconds ?? 0));
    if (covered < config.window_seconds / 2) {
      return { notEvaluated: `only ${Math.round(covered)} of ${config.window_seconds} s have been watched yet` };
    }
    return judged
      .flatMap(({ row, name, demand }): Finding[] => {
        const size = numberOf(row, 'pool_size');
        if (demand === undefined || size === null || size <= 0) return [];
        if (demand.waitSeconds < WORTH_IT * demand.serviceSeconds) return [];
        if (hadRoom(queueingOf(window), name, size)) return [];
        const { busy, waiting, heaviest, peak, clients } = demand;
        const needed = serversNeeded(busy * heaviest, waiting * heaviest, Math.min(peak, size), clients);
        return needed <= size ? [] : [findingOf(row, demand, { size, needed, room: roomFor(name, rooms, rows) })];
      })
      .slice(0, MOST_FINDINGS);
  },
});

/** A queue before a pool that was full at none of the looks has another cause, which a larger pool would not remove. */
const hadRoom = (queues: readonly Queueing[], database: string, size: number): boolean => {
  const own = queues.filter((queueing) => queueing.database === database);
  return own.length > 0 && own.every(({ mostBusy }) => mostBusy < size);
};

/** `room`: what the server can give each of the database's pools when all others take what they may; null: not known. */
type Sizes = { readonly size: number; readonly needed: number; readonly room: number | null };

const findingOf = (row: ShowRow, demand: Demand, sizes: Sizes): Finding => {
  const name = textOf(row, 'name');
  const { size, needed, room } = sizes;
  const possible = room === null ? needed : Math.min(needed, room);
  return {
    subject: name,
    severity: 'warning',
    title: `Transactions of ${name} wait ${milliseconds(demand.waitSeconds)} for a server on average; the pool should have ${needed}, not ${size}`,
    why: 'Every transaction that finds all servers busy stands in a queue: its latency is the wait and the work.',
    evidence: [
      { label: 'arrivals (λ)', value: Number(demand.arrivals.toFixed(1)), unit: 'transactions/s' },
      { label: 'service time (W)', value: Number((demand.serviceSeconds * 1000).toFixed(3)), unit: 'ms' },
      { label: 'busy servers on average (λW)', value: Number(demand.busy.toFixed(2)), unit: '' },
      { label: 'waiting clients on average', value: Number(demand.waiting.toFixed(2)), unit: '' },
      { label: 'mean wait', value: Number((demand.waitSeconds * 1000).toFixed(3)), unit: 'ms' },
      { label: 'pool_size', value: size, unit: '' },
      { label: 'pools with traffic', value: Math.max(1, demand.users.length), unit: '' },
      { label: 'clients of the largest pool', value: demand.clients, unit: '' },
      { label: 'over', value: Math.round(demand.seconds), unit: 's' },
      ...(room === null ? [] : [{ label: 'the server has room for pools of', value: Math.max(0, room), unit: '' }]),
    ],
    action: actionFor(row, { ...sizes, needed: possible }, needed),
    impact: {
      what: 'mean wait of a transaction',
      before: milliseconds(demand.waitSeconds),
      after:
        possible === needed
          ? 'near zero, unless the server itself becomes the bottleneck'
          : 'less, as far as the server has connections to give',
      confidence: room === null ? 'low' : 'medium',
      measured: `L = λW for servers and for the queue, and two standard deviations to spare; at most the clients there are${room === null ? '. max_connections of the server is not known here: see that all its pools fit' : ''}`,
    },
  };
};

const actionFor = (row: ShowRow, { size, needed: possible, room }: Sizes, needed: number): Finding['action'] => {
  const name = textOf(row, 'name');
  if (possible <= size) {
    return iniLines(
      `; the server has no connection left: lower pool_size of others that go there,\n; or raise its max_connections, by ${needed - Math.max(0, room ?? 0)} at least, which restarts it; then, in [databases]\n${quoted(name)} = … pool_size=${needed}`,
    );
  }
  const shared = numberOf(row, 'max_connections') ?? 0;
  const more = shared > 0 && possible > shared ? ` max_db_connections=${shared + possible - size}` : '';
  return iniDatabase(name, `pool_size=${possible}${more}`);
};
