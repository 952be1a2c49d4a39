import { type BlockedSession, type Config, type Shared, type Snapshots, spanOf } from '@submilli/core';
import { activity, utilizationOf } from '../collectors/activity';
import { blocking } from '../collectors/blocking';
import { database } from '../collectors/database';
import { slots } from '../collectors/slots';
import { standbys } from '../collectors/standbys';
import { wraparound, WRAPAROUND_LIMIT } from '../collectors/wraparound';
import { bufferHitRatio } from '../derived/buffer-hit';
import { type Change, changeSince, databaseWindow } from '../samplers/database-window';
import { type TableRow, tables } from '../surveys/tables';
import { poolOf } from './pools';
import { lagOf, type SeenStandbys } from './replication';
import type { Missing, Signals } from './signals';

/** Fewer than these in the window say nothing about a mean or a ratio. */
export const LEAST_TRANSACTIONS = 10;
export const LEAST_BLOCKS = 1000;
/** Fewer rows than these are vacuumed in no time, and small tables are often mostly dead rows. */
export const LEAST_ROWS = 100_000;

const unknown = (why: string): Missing => ({ missing: 'unknown', why });
const notApplicable = (why: string): Missing => ({ missing: 'not-applicable', why });
const notRead = (source: string): Missing => unknown(`${source} could not be read (see /api/v1/status)`);

export type Sources = {
  readonly snapshots: Snapshots;
  readonly config: Config;
  readonly target: string;
  readonly shared: readonly Shared[];
  readonly seen: SeenStandbys;
};

/** The databases that anything is known of, with their signals. */
export const signalsByDatabase = (sources: Sources): ReadonlyMap<string, Signals> => {
  const { snapshots } = sources;
  const rows = [...(snapshots.of(activity) ?? []), ...(snapshots.of(database) ?? [])];
  const names = new Set(rows.map((row) => row.database));
  return new Map([...names].map((name) => [name, signalsOf(name, sources)]));
};

const signalsOf = (name: string, sources: Sources): Signals => ({
  ...windowSignals(name, sources.snapshots),
  ...activitySignals(name, sources.snapshots),
  ...ageSignals(name, sources.snapshots),
  dead_rows: deadRows(sources.snapshots.of(tables)?.rows.get(name)?.values()),
  ...lagOf(sources.snapshots.of(standbys)?.[0], sources.snapshots.of(slots), sources.seen),
  ...poolOf(name, sources),
});

type WindowSignal =
  'transaction_time' | 'buffer_hits' | 'deadlocks' | 'rollbacks' | 'lost_sessions' | 'checksum_failures';

const windowSignals = (name: string, snapshots: Snapshots): Pick<Signals, WindowSignal> => {
  const rows = snapshots.of(database);
  const row = rows?.find((candidate) => candidate.database === name);
  const window = snapshots.of(databaseWindow);
  const change = row === undefined ? undefined : changeSince(window, row);
  const minutes = ((window === undefined ? undefined : spanOf(window))?.seconds ?? 0) / 60;
  const rates = change === undefined || minutes <= 0 ? noRates(rows === undefined) : ratesOf(change, minutes);
  return {
    ...rates,
    checksum_failures:
      row === undefined
        ? notRead('pg_stat_database')
        : (row.checksum_failures ?? notApplicable('data checksums are off')),
  };
};

const noRates = (unread: boolean) => {
  const why = unread ? notRead('pg_stat_database') : unknown('the window has no two readings yet');
  return { transaction_time: why, buffer_hits: why, deadlocks: why, rollbacks: why, lost_sessions: why };
};

const ratesOf = (change: Change, minutes: number) => {
  const ended = change.xact_commit + change.xact_rollback;
  const few = notApplicable(`fewer than ${LEAST_TRANSACTIONS} transactions in the window`);
  const blocks = change.blks_hit + change.blks_read;
  const ratio = bufferHitRatio(change);
  return {
    transaction_time: ended < LEAST_TRANSACTIONS ? few : (1000 * change.active_seconds) / ended,
    rollbacks: ended < LEAST_TRANSACTIONS ? few : (100 * change.xact_rollback) / ended,
    buffer_hits:
      blocks < LEAST_BLOCKS || ratio === null
        ? notApplicable(`fewer than ${LEAST_BLOCKS} blocks were asked for in the window`)
        : 100 * ratio,
    deadlocks: change.deadlocks / minutes,
    lost_sessions: (change.sessions_abandoned + change.sessions_fatal + change.sessions_killed) / minutes,
  };
};

type ActivitySignal =
  'connection_utilization' | 'lock_waiters' | 'blocked_time' | 'idle_in_transaction' | 'oldest_transaction';

const activitySignals = (name: string, snapshots: Snapshots): Pick<Signals, ActivitySignal> => {
  const rows = snapshots.of(activity);
  const row = rows?.find((candidate) => candidate.database === name);
  const missing = notRead('pg_stat_activity');
  return {
    connection_utilization: rows === undefined || row === undefined ? missing : 100 * utilizationOf(row, rows),
    lock_waiters: row?.lock_waiters ?? missing,
    blocked_time: longestWait(name, snapshots),
    idle_in_transaction: row === undefined ? missing : (row.oldest_idle_in_transaction ?? 0),
    oldest_transaction: row === undefined ? missing : (row.oldest_transaction ?? 0),
  };
};

const longestWait = (name: string, snapshots: Snapshots): number | Missing => {
  const read = snapshots.of(blocking);
  if (read === undefined) return notRead('pg_locks');
  const own = read.trees.flatMap(({ root }) => everyoneIn(root)).filter((session) => session.database === name);
  return Math.max(0, ...own.map(({ waitingSeconds }) => waitingSeconds ?? 0));
};

const everyoneIn = (session: BlockedSession): readonly BlockedSession[] => [
  session,
  ...session.blocks.flatMap(everyoneIn),
];

const ageSignals = (name: string, snapshots: Snapshots): Pick<Signals, 'transaction_id_age' | 'multixact_age'> => {
  const row = snapshots.of(wraparound)?.find((candidate) => candidate.database === name);
  if (row === undefined) return { transaction_id_age: notRead('pg_database'), multixact_age: notRead('pg_database') };
  return {
    transaction_id_age: (100 * row.xid_age) / WRAPAROUND_LIMIT,
    multixact_age: (100 * row.multixact_age) / WRAPAROUND_LIMIT,
  };
};

const deadRows = (rows: Iterable<TableRow> | undefined): number | Missing => {
  if (rows === undefined) return unknown('the tables of the database were not surveyed yet');
  const counted = [...rows].filter((row) => row.dead_rows !== null);
  const dead = counted.reduce((sum, row) => sum + (row.dead_rows ?? 0), 0);
  const all = counted.reduce((sum, row) => sum + (row.live_rows ?? 0), dead);
  return all < LEAST_ROWS ? notApplicable(`fewer than ${LEAST_ROWS} rows are counted here`) : (100 * dead) / all;
};
