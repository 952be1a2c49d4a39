import { slide } from '@submilli/core';
import fc from 'fast-check';
import { check, findings, setting, settings, unwatched } from '../../test/rules';
import type { ServerReading, ServerWindow } from '../samplers/server-window';
import { alterSystem } from './action';

const HOUR = 3600;

type Part = Partial<ServerReading['counters']> & { readonly sessions?: number };

/** A server that was watched for so long, in which so much happened. */
const watched = (seconds: number, { sessions = 3, ...more }: Part): ServerWindow => {
  const nothing = {
    ...{ xid: 0, multixact: 0, timed: 0, requested: 0, walBytes: 0, walWrites: 0, walBuffersFull: 0 },
    ...{ walFsyncs: 0, walFsyncSeconds: 0, backendFsyncs: 0 },
  };
  const begun = slide({ ...unwatched, seconds: 100 * HOUR }, 0, { started: 1, sessions, counters: nothing });
  return slide(begun, seconds * 1000, { started: 1, sessions, counters: { ...nothing, ...more } });
};

describe('changing a setting', () => {
  const max = setting('max_connections', '100', null, 'postmaster');

  it('is an ALTER SYSTEM, with a restart only where it takes one', () => {
    expect(alterSystem([setting('work_mem', '4096', 'kB', 'user')], 'work_mem', '8MB')).toMatchObject({
      ...{ kind: 'sql', needsRestart: false, text: "ALTER SYSTEM SET work_mem = '8MB';\nSELECT pg_reload_conf();" },
    });
    expect(alterSystem([max], 'max_connections', '200').needsRestart).toBe(true);
  });

  it('happens on the command line where that wins over every file', () => {
    const action = alterSystem([{ ...max, source: 'command line' }], 'max_connections', '200');
    expect(action).toMatchObject({ kind: 'config', needsRestart: true });
    expect(action.text).toContain('patronictl edit-config');
    expect(action.text).not.toContain('ALTER SYSTEM SET');
  });

  it('happens in the file where ALTER SYSTEM is forbidden', () => {
    const action = alterSystem([max, setting('allow_alter_system', 'off')], 'max_connections', '200');
    expect(action.text).toContain("# postgresql.conf, as allow_alter_system is off\nmax_connections = '200'");
  });
});

describe('rules that watch a server for hours', () => {
  const checkpoints = (serverWindow: ServerWindow) => ({
    ...{ checkpointer: [{ timed: 1, requested: 99 }], wal: [{ bytes: 1e12, stats_seconds: 1e6 }], serverWindow },
    settings: settings(setting('checkpoint_timeout', '300', 's'), setting('max_wal_size', '1024', 'MB')),
  });

  it('requested-checkpoints is content once the last hours are, whatever was long ago', () => {
    expect(findings('requested-checkpoints', checkpoints(watched(2 * HOUR, { timed: 24 })))).toEqual([]);
    const [finding] = findings('requested-checkpoints', checkpoints(watched(2 * HOUR, { timed: 5 })));
    expect(finding?.title).toContain('since the statistics began');
  });

  it('requested-checkpoints sizes by the WAL of the last hours once they hold ten checkpoints', () => {
    const busy = watched(2 * HOUR, { timed: 2, requested: 30, walBytes: 7200 * 20 * 1024 ** 2 });
    const [finding] = findings('requested-checkpoints', checkpoints(busy));
    expect(finding?.title).toBe('94 % of checkpoints came before their time, in the last 2 hours');
    expect(finding?.action.text).toContain("max_wal_size = '18GB'");
  });

  it('slow-wal-flush and wal-buffers-full judge the last hours', () => {
    const slow = watched(HOUR, { walFsyncs: 5000, walFsyncSeconds: 50 });
    const fast = { wal: [{ fsyncs: 1e6, fsync_seconds: 10 }] };
    expect(findings('slow-wal-flush', { ...fast, serverWindow: slow })[0]?.title).toContain('10.0 ms');
    expect(findings('slow-wal-flush', { ...fast, serverWindow: unwatched })).toEqual([]);
    const full = { wal: [{ buffers_full: 0, writes: 1e6 }], settings: settings(setting('wal_buffers', '2048', '8kB')) };
    const forced = watched(HOUR, { walWrites: 2000, walBuffersFull: 1000 });
    expect(findings('wal-buffers-full', { ...full, serverWindow: forced })[0]?.title).toContain('50.0 %');
  });

  it('wraparound-near says when the ids are gone at the rate of now, and not from a few seconds’ rate', () => {
    const row = { database: 'app', autovacuum_freeze_max_age: 2e8, autovacuum_multixact_freeze_max_age: 4e8 };
    const title = (window: ServerWindow) =>
      findings('wraparound-near', {
        ...{ wraparound: [{ ...row, xid_age: 2 ** 31 - 864e6, multixact_age: 1 }], serverWindow: window },
      })[0]?.title;
    expect(title(watched(HOUR, { xid: 3.6e6 }))).toContain('at today’s rate the rest lasts 10 days');
    expect(title(watched(60, { xid: 6e4 }))).not.toContain('rate');
    expect(title(watched(HOUR, { xid: 0 }))).not.toContain('rate');
  });

  it('connections-oversized needs many, unused, for hours', () => {
    const given = (most: string, window: ServerWindow) => ({
      settings: settings(
        setting('max_connections', most, null, 'postmaster'),
        setting('work_mem', '4096', 'kB'),
        setting('hash_mem_multiplier', '2'),
      ),
      serverWindow: window,
    });
    const long = watched(8 * HOUR, { sessions: 40 });
    expect(findings('connections-oversized', given('1000', long))[0]?.action.text).toContain("max_connections = '100'");
    expect(findings('connections-oversized', given('200', long))).toEqual([]);
    expect(findings('connections-oversized', given('100', watched(60, {})))).toEqual([]);
    expect(check('connections-oversized', given('1000', watched(HOUR, {})))).toHaveProperty('notEvaluated');
  });

  it('connections-oversized never advises fewer connections than twice those that were seen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 10_000 }), fc.nat(3000), (most, sessions) => {
        const found = findings('connections-oversized', {
          settings: settings(
            setting('max_connections', String(most), null, 'postmaster'),
            ...[setting('work_mem', '4096', 'kB'), setting('hash_mem_multiplier', '2')],
          ),
          serverWindow: watched(8 * HOUR, { sessions }),
        });
        for (const { action } of found) {
          const advised = Number(/'(\d+)'/.exec(action.text)?.[1]);
          expect(advised).toBeGreaterThanOrEqual(2 * sessions);
          expect(advised).toBeLessThan(most);
        }
      }),
    );
  });

  it('backend-fsyncs speaks of any', () => {
    const given = (backendFsyncs: number) => ({
      serverWindow: watched(HOUR, { backendFsyncs }),
      settings: settings(setting('shared_buffers', '16384', '8kB', 'postmaster')),
    });
    expect(findings('backend-fsyncs', given(0))).toEqual([]);
    expect(findings('backend-fsyncs', given(7))[0]?.action.text).toContain("shared_buffers = '256MB'");
    expect(check('backend-fsyncs', { ...given(7), serverWindow: unwatched })).toHaveProperty('notEvaluated');
  });
});

describe('rules on memory and storage', () => {
  it('random-page-cost is unsure without timing, surer where reads are fast, and silent where they are slow', () => {
    const given = (blk_read_seconds: number | null, cost = '4') => ({
      settings: settings(setting('random_page_cost', cost, null, 'user')),
      database: [{ blks_read: 100_000, blk_read_seconds }],
    });
    const confidence = (...from: Parameters<typeof given>) =>
      findings('random-page-cost', given(...from)).map(({ impact }) => impact.confidence);
    expect([confidence(null), confidence(10), confidence(600), confidence(10, '1.1')]).toEqual([
      ...[['low'], ['medium'], [], []],
    ]);
  });

  it('vacuum-memory speaks of the setting that the vacuum goes by', () => {
    const given = (index_passes: number | null, own = '-1') => ({
      vacuum: [{ running: [{ database: 'app', relation: 'public.orders', index_passes, seconds: 60 }] }],
      settings: settings(
        setting('maintenance_work_mem', '65536', 'kB', 'user'),
        setting('autovacuum_work_mem', own, 'kB'),
      ),
    });
    expect(findings('vacuum-memory', given(1))).toEqual([]);
    expect(findings('vacuum-memory', given(3))[0]?.action.text).toContain("maintenance_work_mem = '256MB'");
    expect(findings('vacuum-memory', given(3, '131072'))[0]?.action.text).toContain("autovacuum_work_mem = '512MB'");
  });

  it('wal-level-minimal takes a restart', () => {
    const [finding] = findings('wal-level-minimal', {
      settings: settings(setting('wal_level', 'minimal', null, 'postmaster')),
    });
    expect(finding).toMatchObject({ subject: 'wal_level', action: { needsRestart: true } });
  });

  it('horizon-held does not drop a slot that somebody streams from', () => {
    const held = { holder: 'replication_slot', name: 's', pid: 7, age: 20_000_000, seconds: null };
    const text = findings('horizon-held', { xminHorizon: { at: 0, holders: [held] } })[0]?.action.text;
    expect(text).toContain('WHERE pid = 7');
    expect(text).not.toContain('pg_drop_replication_slot');
  });
});
