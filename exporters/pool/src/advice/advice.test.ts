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
  const databases = (pool_size: string, pool_mode = 'transaction') => [{ name: 'app', pool_size, pool_mode }];

  it('pool-size asks for what Little’s law says, once clients wait', () => {
    const waiting = { databases: databases('2'), poolWindow: traffic(20, 40), serverRooms: [] };
    const [found] = findings('pool-size', waiting);
    // 2 busy and 4 waiting on average: 6, and twice its root to spare.
    expect(found?.action.text).toContain('pool_size=11');
    expect(found?.evidence).toContainEqual({ label: 'busy servers on average (λW)', value: 2, unit: '' });
    expect(findings('pool-size', { ...waiting, poolWindow: traffic(20, 0.1) })).toEqual([]);
    expect(findings('pool-size', { ...waiting, databases: databases('50') })).toEqual([]);
  });

  it('pool-size does not judge session pooling, nor a pool without traffic', () => {
    const session = { databases: databases('2', 'session'), poolWindow: traffic(20, 40), serverRooms: [] };
    expect(check('pool-size', session)).toHaveProperty('notEvaluated');
    expect(
      check('pool-size', { databases: databases('2'), poolWindow: emptyWindow(60), serverRooms: [] }),
    ).toHaveProperty('notEvaluated');
  });

  it('prepared-statements tells a switch from an upgrade, and leaves session pooling alone', () => {
    const off = config({ pool_mode: 'transaction', max_prepared_statements: '0' });
    expect(findings('prepared-statements', off)[0]?.action.text).toContain('upgrade PgBouncer to 1.21');
    expect(findings('prepared-statements', off, env('1.22.0', 12200))[0]?.action.text).toContain(
      'max_prepared_statements = 200',
    );
    const on = config({ pool_mode: 'transaction', max_prepared_statements: '100' });
    expect(findings('prepared-statements', on, env('1.22.0', 12200))).toEqual([]);
    expect(findings('prepared-statements', config({ pool_mode: 'session' }))).toEqual([]);
  });

  it.each([
    ['query_wait_timeout', '0', '120'],
    ['query_timeout', '5', '0'],
    ['server_login_retry', '15', '1'],
    ['server_connect_timeout', '15', '3'],
    ['server_lifetime', '0', '3600'],
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
