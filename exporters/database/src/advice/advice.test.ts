import { check, findings, NOW, env, setting, settings, activity, unwatched } from '../../test/rules';
import { roundUp } from './action';
import { databaseRules } from './index';

describe('the rules on a server', () => {
  it('have names of their own, and a heading, a signal and a threshold each', () => {
    const names = databaseRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, title, signal, threshold } of databaseRules) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect([title, signal, threshold].every((text) => text.length > 2)).toBe(true);
    }
  });

  it.each([
    ['durability', 'fsync', 'off', 'critical'],
    ['durability', 'full_page_writes', 'off', 'critical'],
    ['durability', 'synchronous_commit', 'off', 'warning'],
    ['autovacuum-off', 'autovacuum', 'off', 'critical'],
    ['planner-methods', 'enable_nestloop', 'off', 'warning'],
    ['measuring-off', 'track_io_timing', 'off', 'info'],
    ['checksums-off', 'data_checksums', 'off', 'info'],
  ])('%s speaks of %s = %s, and not when it is on', (name, key, value, severity) => {
    expect(findings(name, { settings: settings(setting(key, value)) })).toMatchObject([{ subject: key, severity }]);
    expect(findings(name, { settings: settings(setting(key, 'on')) })).toEqual([]);
  });

  it('say whether a setting takes a reload or a restart', () => {
    const [reload] = findings('durability', { settings: settings(setting('fsync', 'off')) });
    expect(reload?.action).toMatchObject({
      needsRestart: false,
      text: "ALTER SYSTEM SET fsync = 'on';\nSELECT pg_reload_conf();",
    });
    const [restart] = findings('durability', { settings: settings(setting('fsync', 'off', null, 'postmaster')) });
    expect(restart?.action).toMatchObject({ needsRestart: true });
  });

  it('do not take what our own session sets for the server’s', () => {
    const own = { ...setting('enable_sort', 'off'), source: 'client' };
    expect(findings('planner-methods', { settings: settings(own) })).toEqual([]);
  });

  it('connections-near-limit follows the thresholds of the configuration', () => {
    const at = (active: number): (string | undefined)[] =>
      findings('connections-near-limit', { activity: [activity({ sessions: { active } })] }).map((f) => f.severity);
    const { connection_utilization_warning: warning, connection_utilization_critical: critical } =
      env.config.thresholds;
    expect([at(warning - 1), at(warning), at(critical)]).toEqual([[], ['warning'], ['critical']]);
  });

  it('connections-near-limit says once that the server is full, not once for each database', () => {
    const rows = ['a', 'b'].map((database) => activity({ database, sessions: { active: 45 } }));
    expect(findings('connections-near-limit', { activity: rows })).toMatchObject([{ subject: 'max_connections' }]);
    const own = [activity({ sessions: { active: 9 }, connection_limit: 10 }), activity({ database: 'b' })];
    expect(findings('connections-near-limit', { activity: own })).toMatchObject([{ subject: 'app' }]);
  });

  it('idle-in-transaction follows the thresholds of the configuration', () => {
    const after = (seconds: number) =>
      findings('idle-in-transaction', { activity: [activity({ oldest_idle_in_transaction: seconds })] });
    expect(after(env.config.thresholds.idle_in_transaction_warning_seconds)).toEqual([]);
    expect(after(60)[0]?.severity).toBe('warning');
    expect(after(3600)[0]?.title).toBe('A session in app has been idle in a transaction for 60 minutes');
  });

  const tree = (longestSeconds: number, root: object = {}) => ({
    blocking: {
      ...{ at: 0, waiting: 1, examined: 1 },
      trees: [
        {
          ...{ victims: 3, depth: 1, longestSeconds },
          root: {
            ...{ pid: 7, user: 'app', database: 'db', application: 'batch', state: 'idle in transaction', blocks: [] },
            ...{ transactionSeconds: 9, lock: null, waitEvent: null, queryid: null, waitingSeconds: null },
            ...root,
          },
        },
      ],
    },
  });

  it('blocking-chain names the root by who it is, so that the same culprit is the same finding', () => {
    expect(findings('blocking-chain', tree(0.5))).toEqual([]);
    const [one] = findings('blocking-chain', tree(5));
    const [two] = findings('blocking-chain', tree(50, { pid: 8 }));
    expect([one?.severity, two?.severity]).toEqual(['warning', 'critical']);
    expect(one?.subject).toBe(two?.subject);
    expect(one?.action.text).toContain('pg_terminate_backend(7)');
    expect(findings('blocking-chain', tree(5, { pid: 0 }))[0]?.action.text).toContain('ROLLBACK PREPARED');
  });

  it('ddl-queue speaks when sessions wait behind one that waits for an AccessExclusiveLock', () => {
    const ddl = (mode: string) => ({
      ...{ pid: 8, lock: { mode, type: 'relation', relation: 'public.orders' }, waitingSeconds: 3 },
      blocks: [{ pid: 9, lock: null, blocks: [] }],
    });
    expect(findings('ddl-queue', tree(5, { blocks: [ddl('ShareLock')] }))).toEqual([]);
    expect(findings('ddl-queue', tree(5, { blocks: [ddl('AccessExclusiveLock')] }))).toMatchObject([
      { subject: 'public.orders', severity: 'critical' },
    ]);
  });

  it('wraparound-near counts the worse of transaction ids and multixacts', () => {
    const row = { database: 'app', autovacuum_freeze_max_age: 2e8, autovacuum_multixact_freeze_max_age: 4e8 };
    const at = (xid_age: number, multixact_age: number) =>
      findings('wraparound-near', {
        wraparound: [{ ...row, xid_age, multixact_age }],
        serverWindow: unwatched,
      }).map((f) => f.severity);
    expect([at(2e8, 1e6), at(9e8, 1e6), at(1e6, 1.7e9)]).toEqual([[], ['warning'], ['critical']]);
  });

  it.each([
    ['backend', 'SELECT pg_terminate_backend(7);'],
    ['replication_slot', "SELECT pg_drop_replication_slot('it''s');"],
    ['prepared_transaction', "ROLLBACK PREPARED 'it''s';"],
    ['standby', 'hot_standby_feedback = off'],
  ])('horizon-held says what lets a %s go', (holder, text) => {
    const pid = holder === 'backend' ? 7 : null;
    const held = { holder, name: "it's", pid, age: 20_000_000, seconds: null };
    expect(findings('horizon-held', { xminHorizon: { at: 0, holders: [held] } })[0]?.action.text).toContain(text);
    expect(findings('horizon-held', { xminHorizon: { at: 0, holders: [{ ...held, age: 5 }] } })).toEqual([]);
  });

  it('slot-retention tells a slot that is lost from one that only keeps much', () => {
    const slot = {
      ...{ slot: 's', slot_type: 'physical', active: false, retained_bytes: 5e9, safe_bytes: null },
      ...{ wal_status: 'reserved', xmin_age: null, catalog_xmin_age: null, inactive_seconds: null },
    };
    const given = (part: object) => ({
      slots: [{ ...slot, ...part }],
      settings: settings(setting('max_slot_wal_keep_size', '-1', 'MB')),
    });
    expect(findings('slot-retention', given({}))).toMatchObject([{ severity: 'warning', subject: 's' }]);
    expect(findings('slot-retention', given({}))[0]?.action.text).toContain('max_slot_wal_keep_size');
    expect(findings('slot-retention', given({ active: true }))).toEqual([]);
    expect(findings('slot-retention', given({ wal_status: 'lost', retained_bytes: null }))[0]?.title).toContain('lost');
  });

  it('archiver-failing speaks while the last failure is later than the last success', () => {
    const row = { archived: 3, failed: 9, last_failed_wal: '0001', last_archived: NOW / 1000 - 7200 };
    const at = (last_failed: number | null) => findings('archiver-failing', { archiver: [{ ...row, last_failed }] });
    expect(at(null)).toEqual([]);
    expect(at(NOW / 1000 - 9000)).toEqual([]);
    expect(at(NOW / 1000)[0]?.title).toBe('No WAL has been archived for 2 hours');
    expect(findings('archiver-failing', { archiver: [] })).toEqual([]);
  });

  it('requested-checkpoints sizes max_wal_size by the WAL there was', () => {
    const given = (requested: number, bytesPerSecond = 10 * 1024 ** 2) => ({
      checkpointer: [{ timed: 20, requested }],
      wal: [{ bytes: bytesPerSecond * 3600, stats_seconds: 3600 }],
      serverWindow: unwatched,
      settings: settings(setting('checkpoint_timeout', '300', 's'), setting('max_wal_size', '1024', 'MB')),
    });
    expect(findings('requested-checkpoints', given(1))).toEqual([]);
    expect(findings('requested-checkpoints', given(30))[0]?.action.text).toContain("max_wal_size = '9GB'");
    // A peak may have forced them though the mean is low: at least twice what it is.
    expect(findings('requested-checkpoints', given(30, 1))[0]).toMatchObject({ impact: { confidence: 'low' } });
    const few = { ...given(2), checkpointer: [{ timed: 1, requested: 2 }] };
    expect(check('requested-checkpoints', few)).toEqual({
      notEvaluated: 'only 3 checkpoints since the statistics began',
    });
  });

  it('checkpoint-spacing holds to PostgreSQL’s own defaults', () => {
    const given = (timeout: string, target: string) => ({
      settings: settings(setting('checkpoint_timeout', timeout, 's'), setting('checkpoint_completion_target', target)),
    });
    expect(findings('checkpoint-spacing', given('300', '0.9'))).toEqual([]);
    expect(findings('checkpoint-spacing', given('30', '0.5')).map(({ subject }) => subject)).toEqual([
      'checkpoint_timeout',
      'checkpoint_completion_target',
    ]);
  });

  it('slow-wal-flush judges a mean over enough flushes only, and not without their time', () => {
    const wal = (fsyncs: number, fsync_seconds: number | null) => ({
      ...{ wal: [{ fsyncs, fsync_seconds }], serverWindow: unwatched },
    });
    expect(findings('slow-wal-flush', wal(2000, 1))).toEqual([]);
    expect(findings('slow-wal-flush', wal(2000, 20))[0]?.title).toBe(
      'A flush of WAL takes 10.0 ms on average, since the statistics began',
    );
    expect(check('slow-wal-flush', wal(5, 1))).toHaveProperty('notEvaluated');
    expect(check('slow-wal-flush', wal(2000, null))).toEqual({ notEvaluated: 'track_wal_io_timing is off' });
  });

  it('wal-buffers-full doubles them, to 64 MB at least', () => {
    const given = (buffers_full: number) => ({
      wal: [{ buffers_full, writes: 10_000 }],
      serverWindow: unwatched,
      settings: settings(setting('wal_buffers', '2048', '8kB', 'postmaster')),
    });
    expect(findings('wal-buffers-full', given(10))).toEqual([]);
    expect(findings('wal-buffers-full', given(500))[0]?.action).toMatchObject({ needsRestart: true });
  });

  it('shared-buffers-small needs the default size, much data and misses together', () => {
    const given = (pages: string, bytes: number, ratio: number | null) => ({
      settings: settings(setting('shared_buffers', pages, '8kB', 'postmaster')),
      size: [{ database: 'app', bytes }],
      bufferHit: new Map([['app', ratio]]),
    });
    expect(findings('shared-buffers-small', given('16384', 8e9, 0.5))).toHaveLength(1);
    expect(findings('shared-buffers-small', given('262144', 8e9, 0.5))).toEqual([]);
    expect(findings('shared-buffers-small', given('16384', 1e8, 0.5))).toEqual([]);
    expect(findings('shared-buffers-small', given('16384', 8e9, 0.999))).toEqual([]);
    expect(findings('shared-buffers-small', given('16384', 8e9, null))).toEqual([]);
  });

  it('session-timeouts counts what is set for a role as set', () => {
    const given = (timeouts: object, by_role: string[] = []) => ({
      settingsFiles: [{ errors: 0, first: null, timeouts, by_role }],
    });
    expect(findings('session-timeouts', given({})).map(({ subject }) => subject)).toEqual([
      'idle_in_transaction_session_timeout',
      'statement_timeout',
    ]);
    expect(findings('session-timeouts', given({ statement_timeout: '0' }))).toHaveLength(2);
    expect(findings('session-timeouts', given({ statement_timeout: '30s' }))).toHaveLength(1);
    expect(
      findings('session-timeouts', given({}, ['statement_timeout', 'idle_in_transaction_session_timeout'])),
    ).toEqual([]);
  });

  it('certificate-expiry counts the days that are left', () => {
    const ending = (days: number) => ({ certificate: [{ subject: 'pg', validTo: NOW + days * 86_400_000 }] });
    expect(findings('certificate-expiry', ending(90))).toEqual([]);
    expect(findings('certificate-expiry', ending(20))[0]?.severity).toBe('warning');
    expect(findings('certificate-expiry', ending(6))[0]?.severity).toBe('critical');
    expect(findings('certificate-expiry', ending(-1))[0]?.title).toBe('The certificate pg has ended');
  });

  it.each([
    ['pending-restart', { settings: settings({ ...setting('a', '1'), pending_restart: true }) }, 'settings'],
    ['settings-file-errors', { settingsFiles: [{ errors: 1, first: 'x:1', timeouts: {}, by_role: [] }] }, /files/],
    ['plain-sessions', { tls: [{ encrypted: 1, plain: 2, plain_remote: 2 }] }, 'network'],
    ['weak-authentication', { hba: [{ methods: { trust: 2, 'scram-sha-256': 1 }, errors: 0, hash: 1 }] }, 'trust'],
    ['prepared-left-open', { prepared: [{ database: 'app', transactions: 1, oldest: 301 }] }, 'app'],
    [
      'huge-pages-off',
      { settings: settings(setting('huge_pages_status', 'off'), setting('shared_buffers', '2097152', '8kB')) },
      'huge_pages',
    ],
  ])('%s finds what it is for', (name, given, subject) => {
    expect(findings(name, given)).toHaveLength(1);
    expect(findings(name, given)[0]?.subject).toMatch(subject);
  });

  it.each([
    [1, '64MB'],
    [65 * 1024 ** 2, '128MB'],
    [1024 ** 3, '1024MB'],
    [1.1 * 1024 ** 3, '2GB'],
  ])('write %d bytes as people do: %s', (value, text) => {
    expect(roundUp(value)).toBe(text);
  });
});
