import { counter, type Deadline, defineSampler, histogram, histogramValue, type SqlSession } from '@submilli/core';
import { type Beat, foldWaits, noWaits, type Waiting, type Waits } from '../queue/waits';
import { CONSOLE, numberOf, show, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';

/**
 * The most of PgBouncer's time that asking for the queue may take. It has one thread, and SHOW CLIENTS stops it: for
 * 20 ms with 10,000 clients, when a queue is the last thing that needs another delay.
 */
const COST_SHARE = 0.02;

type State = Waits & { readonly intervalMs: number };

/** What a beat read, with its times counted from the beat's begin. */
type Reading = { readonly beat: Beat };

const isWaiting = (row: ShowRow): boolean => (numberOf(row, 'cl_waiting') ?? 0) > 0;

/**
 * Clients that wait. A client is an object of PgBouncer, whose address is used again for others; with when it connected
 * and when it asked last it is told from those, and from its own waits of other seconds.
 */
export const waitingOf = (rows: readonly ShowRow[]): Waiting[] =>
  rows
    .filter((row) => textOf(row, 'state') === 'waiting' && textOf(row, 'database') !== CONSOLE)
    .map((row) => ({
      key: ['ptr', 'connect_time', 'request_time'].map((column) => textOf(row, column)).join(' '),
      ...{ database: textOf(row, 'database'), user: textOf(row, 'user') },
      waitedMs: (numberOf(row, 'wait') ?? 0) * 1000 + (numberOf(row, 'wait_us') ?? 0) / 1000,
    }));

/** Beats to leave out, so that a question that took PgBouncer `costMs` is asked no more often than it may be. */
export const restAfter = (costMs: number, intervalMs: number): number =>
  Math.max(0, Math.ceil(costMs / (COST_SHARE * intervalMs)) - 1);

const readBeat = async (session: SqlSession, deadline: Deadline, state: State): Promise<Reading> => {
  const begin = deadline.remainingMs();
  const since = (): number => begin - deadline.remainingMs();
  const pools = await show(session, 'SHOW POOLS', 'cl_waiting', deadline);
  if (!pools.some(isWaiting)) return { beat: { outcome: 'empty' } };
  if (state.rest > 0) return { beat: { outcome: 'skipped' } };
  const asked = since();
  const waiting = waitingOf(await show(session, 'SHOW CLIENTS', 'wait_us', deadline));
  const answered = since();
  // Both questions took the network's time; only what the second took longer is PgBouncer's.
  const rest = restAfter(answered - asked - asked, state.intervalMs);
  return { beat: { outcome: 'read', waiting, asked, answered, rest } };
};

const inTimeOf = (beat: Beat, at: number): Beat =>
  beat.outcome === 'read' ? { ...beat, asked: at + beat.asked, answered: at + beat.answered } : beat;

/** Who waits for a server, and for how long, between scrapes: a cheap look at the pools, and at the clients if need be. */
export const queue = defineSampler({
  name: 'queue',
  source: 'SHOW POOLS, SHOW CLIENTS',
  metrics: {
    wait: histogram(
      'db_pool_queue_wait_seconds',
      'Waits of clients for a server that a sample saw, each counted once, when over, with the longest time seen: short of the whole by up to a sample’s interval (pool_sampling_hz). Waits between two samples are missed; the exact sum of all is db_pool_wait_seconds_total, their number (1.23+) is at most db_pool_server_assignments_total. Beyond 50 queues: other.',
      ['database', 'user'],
    ),
    samples: counter(
      'db_pool_queue_samples_total',
      'Looks at the queue: empty (nobody waits), read, or skipped (somebody waits, but reading all clients again so soon would cost PgBouncer over 2 % of its time).',
      ['outcome'],
    ),
  },
  interval: ({ pool_sampling_hz: hz }) => (hz === 0 ? 0 : 1 / hz),
  start: ({ pool_sampling_hz: hz }): State => ({ ...noWaits, intervalMs: 1000 / hz }),
  read: (session: SqlSession, _env: { readonly facts: PoolFacts }, deadline, state: State) =>
    readBeat(session, deadline, state),
  fold: (state: State, { beat }: Reading, at) => ({ ...state, ...foldWaits(state, inTimeOf(beat, at)) }),
  publish: ({ queues, beats }: State, m) => [
    ...[...queues.values()].map(({ database, user, histogram: of }) => m.wait({ database, user }, histogramValue(of))),
    ...Object.entries(beats).map(([outcome, n]) => m.samples({ outcome }, n)),
  ],
});
