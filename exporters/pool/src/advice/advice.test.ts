import { configSchema, emptyWindow, type Finding, slide } from '@submilli/core';
import type { DemandReading } from '../demand/demand';
import { poolRules } from './index';

const env = (version = '1.18.0', versionNumber = 11800) => ({
  config: configSchema.parse({ window_seconds: 15 }),
  facts: { version, versionNumber },
  shared: [],
});

const check = (name: string, given: object, facts = env()) => {
  const rule = poolRules.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule.check(given as Record<string, unknown>, facts, 0);
};
const findings = (name: string, given: object, facts = env()): readonly Finding[] => {
  const result = check(name, given, facts);
  if ('notEvaluated' in result) throw new Error(result.notEvaluated);
  return result;
};
const config = (settings: Record<string, string>) => ({
  limits: Object.entries(settings).map(([key, value]) => ({ key, value })),
});

describe('the rules on a pooler', () => {
  const traffic = (seconds: number, wait: number) => {
    const at = (transactions: number, serverSeconds: number, waitSeconds: number): DemandReading => ({
      ...{ transactions, serverSeconds, waitSeconds },
      pools: [{ user: 'trader', busy: 2, waiting: wait > 0 ? 5 : 0, clients: 50 }],
    });
    const window = emptyWindow<ReadonlyMap<string, DemandReading>>(60);
    return slide(
      slide(window, 0, new Map([['app', at(0, 0, 0)]])),
      10_000,
      new Map([['app', at(1000, seconds, wait)]]),
    );
  };
  const databases = (pool_size: string) => [{ name: 'app', pool_size, pool_mode: null }];
  const pools = (pool_mode: string) => [{ database: 'app', user: 'trader', pool_mode }];

  it('pool-size asks for what Little’s law says, once clients wait', () => {
    const waiting = {
      ...{ databases: databases('2'), pools: pools('transaction') },
      ...{ poolWindow: traffic(20, 40), serverRooms: [] },
    };
    const [found] = findings('pool-size', waiting);
    // 2 busy and 4 waiting on average: 6, and twice its root to spare.
    expect(found?.action.text).toContain('pool_size=11');
    expect(found?.evidence).toContainEqual({ label: 'busy servers on average (λW)', value: 2, unit: '' });
    expect(findings('pool-size', { ...waiting, poolWindow: traffic(20, 0.1) })).toEqual([]);
    expect(findings('pool-size', { ...waiting, databases: databases('50') })).toEqual([]);
  });

  it('pool-size does not judge session pooling, nor a pool without traffic', () => {
    const given = { databases: databases('2'), poolWindow: traffic(20, 40), serverRooms: [] };
    // As PgBouncer's default is: SHOW DATABASES does not tell, SHOW POOLS does.
    expect(check('pool-size', { ...given, pools: pools('session') })).toHaveProperty('notEvaluated');
    expect(check('pool-size', { ...given, pools: pools('transaction'), poolWindow: emptyWindow(60) })).toHaveProperty(
      'notEvaluated',
    );
  });

  it('pool-size leaves alone a queue before a pool that was never full', () => {
    const given = { pools: pools('transaction'), poolWindow: traffic(20, 40), serverRooms: [] };
    expect(findings('pool-size', { ...given, databases: databases('2') })).toHaveLength(1);
    expect(findings('pool-size', { ...given, databases: databases('3') })).toEqual([]);
  });

  it('prepared-statements tells a switch from an upgrade, and leaves session pooling alone', () => {
    const given = (mode: string, max_prepared_statements: string, own: readonly object[] = []) => ({
      ...{ ...config({ pool_mode: mode, max_prepared_statements }), pools: own },
    });
    const off = given('transaction', '0');
    expect(findings('prepared-statements', off)[0]?.action.text).toContain('upgrade PgBouncer to 1.21');
    expect(findings('prepared-statements', off, env('1.22.0', 12200))[0]?.action.text).toContain(
      'max_prepared_statements = 200',
    );
    const on = given('transaction', '100');
    expect(findings('prepared-statements', on, env('1.22.0', 12200))).toEqual([]);
    expect(findings('prepared-statements', given('session', '0', pools('session')))).toEqual([]);
    expect(findings('prepared-statements', given('session', '0', pools('transaction')))).toHaveLength(1);
  });

  it.each([
    ['query_wait_timeout', '0', '120'],
    ['query_wait_timeout', '3600', '120'],
    ['query_timeout', '5', '0'],
    ['server_login_retry', '15', '1'],
    ['server_connect_timeout', '15', '3'],
    ['server_lifetime', '0', '3600'],
    ['server_lifetime', '172800', '86400'],
    ['server_idle_timeout', '5', '600'],
    ['server_idle_timeout', '5', '0'],
  ])('pool-timeouts speaks of %s = %s, and not of %s', (name, bad, good) => {
    expect(findings('pool-timeouts', config({ [name]: bad }))).toMatchObject([{ subject: name }]);
    expect(findings('pool-timeouts', config({ [name]: good }))).toEqual([]);
    expect(findings('pool-timeouts', config({}))).toEqual([]);
  });

  it('dead-peer adds up keepalives, with the system’s where PgBouncer has none', () => {
    const at = (settings: Record<string, string>) => findings('dead-peer', config(settings))[0]?.title;
    expect(at({ tcp_keepalive: '1' })).toContain('7880 s');
    expect(at({ tcp_keepalive: '0' })).toContain('never');
    expect(at({ tcp_keepalive: '1', tcp_keepidle: '600', tcp_keepintvl: '30', tcp_keepcnt: '3' })).toContain('690 s');
    // With a limit of its own the number of probes does not count: 60, 70 and, being past 75 then, 80.
    const limited = { tcp_keepalive: '1', tcp_keepidle: '60', tcp_keepintvl: '10', tcp_user_timeout: '75000' };
    expect(at(limited)).toContain('80 s');
    expect(at({ ...limited, tcp_keepidle: '5', tcp_keepintvl: '2', tcp_user_timeout: '8000' })).toBeUndefined();
    expect(at({ tcp_keepalive: '1', tcp_keepidle: '5', tcp_keepintvl: '2', tcp_keepcnt: '3' })).toBeUndefined();
  });

  it('client-limit-near speaks of limits on clients only, by the thresholds', () => {
    const use = (limit: string, used: number) => ({
      saturation: { uses: [{ database: '', user: '', limit, used, max: 100 }], bindings: [] },
    });
    expect(findings('client-limit-near', use('max_client_conn', 10))).toEqual([]);
    expect(findings('client-limit-near', use('max_client_conn', 99))[0]?.severity).toBe('critical');
    expect(findings('client-limit-near', use('pool_size', 100))).toEqual([]);
  });

  it('client-limit-near names the line where a limit is set, comments on lines of their own', () => {
    const line = (database: string, user: string, limit: string): string | undefined => {
      const uses = [{ database, user, limit, used: 99, max: 100 }];
      const text = findings('client-limit-near', { saturation: { uses, bindings: [] } })[0]?.action.text ?? '';
      expect(
        text
          .split('\n')
          .filter((one) => one.includes(';'))
          .every((one) => one.startsWith(';')),
      ).toBe(true);
      return text.split('\n').at(-1);
    };
    expect(line('', '', 'max_client_conn')).toBe('max_client_conn = 200');
    expect(line('app', '', 'max_db_client_connections')).toBe('app = … max_db_client_connections=200');
    expect(line('', 'x', 'max_user_client_connections')).toBe('x = … max_user_client_connections=200');
  });

  it('quotes names that a client may have chosen, so that none becomes a command', () => {
    const text = (name: string) =>
      findings('paused', { databases: [{ name, paused: '1', disabled: '0' }], pools: [] })[0]?.action.text;
    expect(text('Orders_1')).toBe('RESUME Orders_1;');
    expect(text('x; SHUTDOWN')).toBe('RESUME "x; SHUTDOWN";');
    expect(text('a"b\nSHUTDOWN')).toBe('RESUME "a""b?SHUTDOWN";');
  });

  it.each([
    [
      'without-server',
      { health: { withoutServer: [{ database: 'app', user: 'x', value: true }], stale: [] } },
      'app x',
    ],
    ['stale-servers', { health: { withoutServer: [], stale: [{ database: 'app', closing: 0, elsewhere: 2 }] } }, 'app'],
    ['paused', { databases: [{ name: 'app', paused: '1', disabled: '0' }], pools: [] }, 'app'],
  ])('%s finds what it is for, and nothing else', (name, given, subject) => {
    expect(findings(name, given).map((finding) => finding.subject)).toEqual([subject]);
    const nothing = {
      health: { withoutServer: [], stale: [{ database: 'app', closing: 1, elsewhere: null }] },
      ...{ databases: [], pools: [] },
    };
    expect(findings(name, nothing)).toEqual([]);
  });
});
