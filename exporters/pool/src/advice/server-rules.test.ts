import { configSchema, emptyWindow, type Finding, type Shared, slide } from '@submilli/core';
import fc from 'fast-check';
import { answersOf, snapshotsOf } from '../../test/fixtures';
import { databases } from '../collectors/databases';
import { pools } from '../collectors/pools';
import { users } from '../collectors/users';
import type { DemandReading, PoolReading } from '../demand/demand';
import { serverRooms } from '../derived/server-rooms';
import type { ShowRow } from '../show';
import { poolRules } from './index';

const env = (shared: readonly Shared[] = [], user = 'submilli') => ({
  ...{ config: configSchema.parse({}), target: 'pool', shared },
  facts: { version: '1.25.2', versionNumber: 12_502, user },
});

const check = (name: string, given: object, user?: string) => {
  const rule = poolRules.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule.check(given as Record<string, unknown>, env([], user), 0);
};
const findings = (name: string, given: object, user?: string): readonly Finding[] => {
  const result = check(name, given, user);
  if ('notEvaluated' in result) throw new Error(result.notEvaluated);
  return result;
};

/** SHOW CONFIG of 1.25, with changes. */
const settings = (changes: Record<string, string> = {}): ShowRow[] =>
  (answersOf('1.25.2')['SHOW CONFIG'] ?? []).map((row) => ({ ...row, value: changes[String(row.key)] ?? row.value }));
const database = (part: ShowRow = {}): ShowRow => ({
  ...{ name: 'app', host: '10.0.0.1', port: 5432, pool_size: 4, reserve_pool_size: 0, max_connections: 0 },
  ...part,
});
const pool = (part: ShowRow = {}): ShowRow => ({
  ...{ database: 'app', user: 'a', cl_active: 4, cl_waiting: 6, sv_active: 4, maxwait: 2, maxwait_us: 0 },
  ...{ pool_mode: 'transaction' },
  ...part,
});

type Scene = {
  readonly rows?: readonly ShowRow[];
  readonly pools?: readonly ShowRow[];
  readonly limit?: number;
  /** Seconds that servers worked and clients waited in a minute, in 6000 transactions. */
  readonly work?: number;
  readonly wait?: number;
  readonly seen?: Partial<PoolReading>;
};

/** What the rules get a minute after they began to look. */
const after = ({ rows = [database()], pools: poolRows = [pool()], limit, work = 240, wait = 360, seen }: Scene) => {
  const at = (transactions: number, serverSeconds: number, waitSeconds: number): DemandReading => ({
    ...{ transactions, serverSeconds, waitSeconds },
    pools: [{ user: 'a', busy: 4, waiting: 6, clients: 10, ...seen }],
  });
  const begun = slide(emptyWindow<ReadonlyMap<string, DemandReading>>(60), 0, new Map([['app', at(0, 0, 0)]]));
  const shared: Shared[] = limit === undefined ? [] : [{ kind: 'server-room', host: '10.0.0.1', port: 5432, limit }];
  return {
    ...{ databases: rows, pools: poolRows },
    poolWindow: slide(begun, 60_000, new Map([['app', at(6000, work, wait)]])),
    serverRooms: serverRooms.derive(
      snapshotsOf([databases, rows], [pools, poolRows], [users, []]),
      env(shared),
      undefined,
      0,
    ),
  };
};

describe('the rules on what pools and their server have for each other', () => {
  it('pool-size asks for no more servers than there are clients: 4 busy and 6 waiting are 10', () => {
    expect(findings('pool-size', after({ limit: 100 }))[0]?.action.text).toContain('app = … pool_size=10');
  });

  it('pool-size gives no more than the server has left when the other pools take all they may', () => {
    const shared = {
      rows: [database(), database({ name: 'reports', pool_size: 20 })],
      pools: [pool(), pool({ database: 'reports' })],
    };
    const text = (limit: number): string => findings('pool-size', after({ ...shared, limit }))[0]?.action.text ?? '';
    expect(text(100)).toContain('pool_size=10');
    expect(text(27)).toContain('pool_size=7');
    expect(text(22)).toContain('raise its max_connections, by 8 at least');
  });

  it('pool-size says when max_db_connections has to grow along', () => {
    const given = after({ rows: [database({ max_connections: 5 })], limit: 100 });
    expect(findings('pool-size', given)[0]?.action.text).toContain('pool_size=10 max_db_connections=11');
  });

  it('pool-size is less sure when it cannot know what the server takes', () => {
    expect(findings('pool-size', after({}))[0]?.impact.confidence).toBe('low');
    expect(findings('pool-size', after({ limit: 100 }))[0]?.impact.confidence).toBe('medium');
  });

  it('pool-size never advises more than the server takes, nor less than there is', () => {
    const size = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(size, size, fc.nat(200), fc.integer({ min: 1, max: 300 }), (own, other, waiting, limit) => {
        const given = after({
          rows: [database({ pool_size: own }), database({ name: 'other', pool_size: other })],
          pools: [pool(), pool({ database: 'other' })],
          ...{ limit, work: 60 * own, wait: 60 * waiting },
          seen: { busy: own, waiting, clients: own + waiting },
        });
        for (const { action } of findings('pool-size', given)) {
          const advised = Number(/pool_size=(\d+)/.exec(action.text)?.[1]);
          expect(advised).toBeGreaterThan(own);
          if (!action.text.includes('no connection left')) expect(advised + other).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('pools-exceed-server adds up pools and reserves within max_db_connections', () => {
    const rows = (part: ShowRow) => [
      database({ pool_size: 20, reserve_pool_size: 5, ...part }),
      database({ name: 'b' }),
    ];
    const three = [pool(), pool({ user: 'b' }), pool({ database: 'b' })];
    const at = (limit: number, part: ShowRow = {}) =>
      findings('pools-exceed-server', after({ rows: rows(part), pools: three, limit }));
    expect(at(54)).toEqual([]);
    expect(at(53)[0]?.title).toBe('The pools to 10.0.0.1:5432 may open 54 connections, it takes 53');
    expect(at(53)[0]?.action.text).toContain('b = … max_db_connections=26');
    expect(at(34, { max_connections: 30 })).toEqual([]);
    expect(at(1e6, { pool_size: 0 })[0]?.title).toContain('any number of');
    expect(check('pools-exceed-server', after({}))).toHaveProperty('notEvaluated');
  });

  it('waits-elsewhere names the limit that is full in place of the pool', () => {
    const use = (limit: string, used: number, max: number, user = 'a') => ({
      ...{ database: 'app', user, limit, used, max },
    });
    const text = (...uses: object[]) =>
      findings('waits-elsewhere', { pools: [pool()], saturation: { uses, bindings: [] }, limits: settings() })[0]
        ?.action.text;
    const full = use('max_db_connections', 5, 5, '');
    expect(text(use('pool_size', 3, 10), full)).toContain('app = … max_db_connections=11');
    expect(text(use('pool_size', 3, 10), { ...use('max_user_connections', 5, 5), database: '' })).toContain(
      'max_user_connections = 11',
    );
    expect(text(use('pool_size', 10, 10), full)).toBeUndefined();
    expect(text(use('pool_size', 3, 10))).toBeUndefined();
  });

  it('session-pooling compares the servers that sessions hold with those at work', () => {
    const given = (work: number, pool_mode = 'session') =>
      findings('session-pooling', after({ pools: [pool({ pool_mode })], work, wait: 0, seen: { busy: 20 } }));
    expect(given(60)[0]?.title).toBe('Sessions of app hold 20 servers, of which 1 work on average');
    expect(given(600)).toEqual([]);
    expect(given(60, 'transaction')).toEqual([]);
  });

  it('reserve-unused speaks of a reserve that comes never, or too late', () => {
    const given = (changes: Record<string, string>) =>
      findings('reserve-unused', { limits: settings(changes), serverRooms: [] });
    expect(given({ reserve_pool_timeout: '0' })).toEqual([]);
    expect(given({ reserve_pool_size: '5' })).toEqual([]);
    expect(given({ reserve_pool_size: '5', reserve_pool_timeout: '0' })).toHaveLength(1);
    expect(given({ reserve_pool_size: '5', reserve_pool_timeout: '30' })[0]?.title).toContain('after 30 s');
  });

  it('paused is worse while clients wait, and names all that brings the database back', () => {
    const given = (waiting: number, disabled: number) =>
      findings('paused', { databases: [database({ paused: 1, disabled })], pools: [pool({ cl_waiting: waiting })] })[0];
    expect([given(0, 0)?.severity, given(2, 0)?.severity]).toEqual(['warning', 'critical']);
    expect(given(0, 1)?.action.text).toBe('ENABLE app;\nRESUME app;');
  });

  it('watcher-commands speaks when we are one of admin_users', () => {
    const given = (admin_users: string) => findings('watcher-commands', { limits: settings({ admin_users }) });
    expect(given('pgbouncer, submilli')[0]?.action.text).toMatch(/stats_users = submilli\nadmin_users = pgbouncer$/);
    expect(given('pgbouncer')).toEqual([]);
  });

  it('pool-authentication leaves scram and hba alone', () => {
    const given = (auth_type: string) =>
      findings('pool-authentication', { limits: settings({ auth_type }) }).map(({ severity }) => severity);
    expect([given('scram-sha-256'), given('hba'), given('md5'), given('trust')]).toEqual([
      [],
      [],
      ['info'],
      ['warning'],
    ]);
  });
});
