import type { PoolAdvice } from '../facts';
import { pool, server } from '../../../test/doctor/facts';
import { judgePointing, judgePool } from './pools';

const advice = (rule: string): PoolAdvice => ({
  ...{ rule, subject: 'app', severity: 'warning', title: 'Something', action: 'do this;\n  and that' },
  evidence: [{ label: 'connections elsewhere', value: 2, unit: '' }],
});

describe('what the pool’s own rules found', () => {
  it('is a finding with its evidence, and the remedy in one line', () => {
    expect(judgePool(pool({ advice: [advice('pool-size')] }))).toMatchObject([
      { id: 'pool-size pool app', evidence: ['connections elsewhere 2'], remedy: 'do this; and that', act: null },
    ]);
  });

  it('is healed where a RECONNECT is all it takes, and nowhere else', () => {
    const rules = ['stale-servers', 'paused', 'pools-exceed-server', 'pool-not-filling', 'client-limit-near'];
    const acts = judgePool(pool({ advice: rules.map(advice) })).map(({ rule, act }) => [rule, act?.kind ?? null]);
    expect(acts).toEqual([['stale-servers', 'reconnect'], ...rules.slice(1).map((rule) => [rule, null])]);
  });

  it('is left to the exporter where it is about habits', () => {
    expect(judgePool(pool({ advice: [advice('session-pooling'), advice('timeouts')] }))).toEqual([]);
  });
});

describe('where databases lead to', () => {
  const primary = server({ name: 'pg1', host: '10.0.0.1' });
  const standby = server({ name: 'pg2', host: '10.0.0.2', role: 'standby' });
  const line = (database: string, host: string) => ({ database, of: 'app', host, port: 5432 });
  const pointing = (lines: ReturnType<typeof line>[], servers = [primary, standby]) =>
    judgePointing({ servers, pools: [pool({ leadsTo: lines })], blind: [] });

  it('is wrong when it is to a standby alone, and a RELOAD may help', () => {
    expect(pointing([line('app', '10.0.0.2')])).toMatchObject([
      { rule: 'points-at-standby', severity: 'critical', act: { kind: 'reload', pool: 'pool' } },
    ]);
  });

  it('is right to the primary, and to a standby for reading beside it', () => {
    expect(pointing([line('app', '10.0.0.1')])).toEqual([]);
    expect(pointing([line('app', '10.0.0.1'), line('app_read', '10.0.0.2')])).toEqual([]);
  });

  it('is not judged where the primary was not seen, or is another cluster’s', () => {
    expect(pointing([line('app', '10.0.0.2')], [standby])).toEqual([]);
    expect(pointing([line('app', '10.0.0.2')], [{ ...primary, system: '8' }, standby])).toEqual([]);
    expect(pointing([line('app', '10.9.9.9')])).toEqual([]);
  });

  it('knows this machine under each of its names', () => {
    const [here, other] = [
      { ...standby, host: '127.0.0.1' },
      { ...primary, host: '127.0.0.1', port: 5433 },
    ];
    expect(pointing([line('app', 'localhost')], [here, other])).toHaveLength(1);
  });
});
