import { configSchema, emptyWindow, slide, type Snapshots } from '@submilli/core';
import fc from 'fast-check';
import { activity, type ActivityRow } from '../collectors/activity';
import { blocking } from '../collectors/blocking';
import { database, type DatabaseRow } from '../collectors/database';
import { standbys } from '../collectors/standbys';
import { wraparound } from '../collectors/wraparound';
import { databaseWindow, type DatabaseReading } from '../samplers/database-window';
import { tables } from '../surveys/tables';
import { performanceScore, scoreOf } from './performance-score';
import { signalsByDatabase } from './gather';

const config = configSchema.parse({});
const facts = {
  ...{
    versionNumber: 180_000,
    systemIdentifier: '7',
    role: 'primary' as const,
    user: 'submilli',
    database: 'postgres',
    monitor: true,
  },
  extensions: new Map<string, string>(),
  functions: new Set<string>(),
};
const env = { config, facts, target: 'pg', shared: [] };

type Read = readonly [part: { readonly name: string }, data: unknown];
const snapshotsOf = (...read: readonly Read[]): Snapshots => {
  const all = new Map(read.map(([{ name }, data]) => [name, data]));
  return { of: <D>({ name }: { readonly name: string }) => all.get(name) as D | undefined };
};

const session = (changes: Partial<ActivityRow> = {}): ActivityRow => ({
  ...{ database: 'app', sessions: { active: 2, idle: 8 }, connection_limit: -1, server_limit: 100, lock_waiters: 0 },
  ...{ oldest_transaction: null, oldest_query: null, oldest_idle_in_transaction: null },
  ...changes,
});
const row = (changes: Partial<DatabaseRow> = {}): DatabaseRow => ({
  ...{ database: 'app', xact_commit: 0, xact_rollback: 0, blks_hit: 0, blks_read: 0, deadlocks: 0, stats_reset: 1 },
  ...{ tup_returned: 0, tup_fetched: 0, tup_inserted: 0, tup_updated: 0, tup_deleted: 0 },
  ...{ temp_files: 0, temp_bytes: 0, blk_read_seconds: null, blk_write_seconds: null, checksum_failures: 0 },
  ...{ session_seconds: 0, active_seconds: 0, idle_in_transaction_seconds: 0 },
  ...{ sessions: 0, sessions_abandoned: 0, sessions_fatal: 0, sessions_killed: 0 },
  ...changes,
});
const minuteFrom = (...rows: readonly DatabaseRow[]) => {
  const reading = new Map(rows.map((r) => [r.database, r]));
  return slide(slide(emptyWindow<DatabaseReading>(60), 0, reading), 60_000, reading);
};
const signalsOf = (snapshots: Snapshots) => {
  const signals = signalsByDatabase({ snapshots, config, target: 'pg', shared: [], seen: new Map() }).get('app');
  if (signals === undefined) throw new Error('app is not there');
  return signals;
};

describe('the signals of a database', () => {
  it('are of the window where they are means, ratios and rates', () => {
    const now = row({
      ...{ xact_commit: 90, xact_rollback: 10, active_seconds: 5, blks_hit: 900, blks_read: 100, deadlocks: 2 },
      ...{ sessions_abandoned: 1, sessions_fatal: 2, sessions_killed: 3, checksum_failures: 4 },
    });
    expect(signalsOf(snapshotsOf([database, [now]], [databaseWindow, minuteFrom(row())]))).toMatchObject({
      ...{ transaction_time: 50, rollbacks: 10, buffer_hits: 90, deadlocks: 2, lost_sessions: 6, checksum_failures: 4 },
    });
  });

  it('are not judged on a handful of transactions and blocks, nor checksums where they are off', () => {
    const now = row({ xact_commit: 1, xact_rollback: 2, blks_hit: 1, blks_read: 9, checksum_failures: null });
    const signals = signalsOf(snapshotsOf([database, [now]], [databaseWindow, minuteFrom(row())]));
    for (const name of ['transaction_time', 'rollbacks', 'buffer_hits', 'checksum_failures'] as const) {
      expect(signals[name]).toMatchObject({ missing: 'not-applicable' });
    }
    expect(signals.deadlocks).toBe(0);
  });

  it('are unknown before the window has two readings, and where nothing was read', () => {
    const signals = signalsOf(snapshotsOf([database, [row()]]));
    expect(signals.transaction_time).toMatchObject({ missing: 'unknown' });
    expect(signals.lock_waiters).toMatchObject({ missing: 'unknown' });
    expect(signals.transaction_id_age).toMatchObject({ missing: 'unknown' });
    expect(signals.replication_lag).toMatchObject({ missing: 'unknown' });
  });

  it('are of its own sessions: who waits below a session of another database is seen too', () => {
    const waiting = (of: string, seconds: number | null, blocks: readonly unknown[] = []) => ({
      ...{ database: of, waitingSeconds: seconds, blocks },
    });
    const root = waiting('other', null, [waiting('other', 50), waiting('app', 7, [waiting('app', 9)])]);
    const data = { at: 0, waiting: 3, examined: 3, trees: [{ root, victims: 3, depth: 2, longestSeconds: 50 }] };
    const snapshots = snapshotsOf([activity, [session({ lock_waiters: 2 })]], [blocking, data]);
    expect(signalsOf(snapshots)).toMatchObject({ lock_waiters: 2, blocked_time: 9, oldest_transaction: 0 });
  });

  it('count dead rows over all tables, once they were surveyed and are enough to matter', () => {
    const table = (live_rows: number | null, dead_rows: number | null) => ({ live_rows, dead_rows });
    const surveyed = (...read: readonly unknown[]) =>
      snapshotsOf([activity, [session()]], [tables, { rows: new Map([['app', new Map(read.map((t, i) => [i, t]))]]) }]);
    expect(signalsOf(surveyed(table(150_000, 0), table(0, 50_000))).dead_rows).toBe(25);
    expect(signalsOf(surveyed(table(5, 95))).dead_rows).toMatchObject({ missing: 'not-applicable' });
    expect(signalsOf(surveyed(table(null, null))).dead_rows).toMatchObject({ missing: 'not-applicable' });
    expect(signalsOf(snapshotsOf([activity, [session()]])).dead_rows).toMatchObject({ missing: 'unknown' });
  });

  it('are shares of their limits', () => {
    const ages = { autovacuum_freeze_max_age: 2e8, autovacuum_multixact_freeze_max_age: 4e8 };
    const aged = { database: 'app', xid_age: 2 ** 30, multixact_age: 2 ** 29, ...ages };
    const snapshots = snapshotsOf([activity, [session()]], [wraparound, [aged]]);
    expect(signalsOf(snapshots)).toMatchObject({
      ...{ connection_utilization: 10, transaction_id_age: 50, multixact_age: 25 },
    });
  });
});

describe('the score of all databases', () => {
  const scores = (snapshots: Snapshots, before?: ReturnType<typeof performanceScore.derive>, at = 0) =>
    performanceScore.derive(snapshots, env, before, at);

  it('does not depend on the order in which databases are read', () => {
    const names = ['app', 'b', 'c', 'd'];
    const sessions = names.map((name, i) => session({ database: name, lock_waiters: i, sessions: { active: i * 10 } }));
    const plain = new Map(scores(snapshotsOf([activity, sessions])).scores.map((score) => [score.database, score]));
    fc.assert(
      fc.property(fc.shuffledSubarray(sessions, { minLength: names.length }), (shuffled) => {
        for (const score of scores(snapshotsOf([activity, shuffled])).scores) {
          expect(score).toEqual(plain.get(score.database));
        }
      }),
    );
  });

  it('recovers slowly, each database by itself', () => {
    const ill = snapshotsOf([activity, [session({ lock_waiters: 9 }), session({ database: 'b' })]]);
    const well = snapshotsOf([activity, [session(), session({ database: 'b' })]]);
    const later = scores(well, scores(ill), 60_000);
    expect(later.scores.map(({ database: name, now, value }) => [name, now, value])).toEqual([
      ['app', 100, 60],
      ['b', 100, 100],
    ]);
  });

  it('remembers a standby from one scrape to the next', () => {
    const standby = { name: 'a', physical: true, position: 0 };
    const server = { in_recovery: false, replayed: null, receiving: false, replay_age_seconds: null };
    const first = scores(
      snapshotsOf([activity, [session()]], [standbys, [{ ...server, position: 0, standbys: [standby] }]]),
    );
    const gone = { ...server, position: 200 * 1024 * 1024, standbys: [] };
    const second = scores(snapshotsOf([activity, [session()]], [standbys, [gone]]), first, 15_000);
    expect(second.scores[0]).toMatchObject({ value: 40, worst: 'replication' });
  });

  it('is unknown, not good, for a database of which nothing could be read', () => {
    const [score] = scores(snapshotsOf([database, [row({ checksum_failures: null })]])).scores;
    expect(score).toMatchObject({ value: null, grade: 'unknown', worst: null });
    expect(scoreOf('app', score?.signals ?? signalsOf(snapshotsOf()), config.thresholds, undefined, 0).coverage).toBe(
      0,
    );
  });
});
