import { configSchema, type PostgresFacts } from '@submilli/core';
import type { Latency, TypeLatency } from '../derived/latency';
import type { ExplainedSlow } from '../slow/explained';
import { slowCommits } from './slow-commits';
import { tailBlowUp } from './tail-blow-up';

const facts: PostgresFacts = {
  ...{
    versionNumber: 180000,
    systemIdentifier: '7',
    role: 'primary',
    user: 'submilli',
    database: 'postgres',
    monitor: true,
  },
  ...{ extensions: new Map(), functions: new Set() },
};
const env = { config: configSchema.parse({}), facts };

const estimateOf = (values: Readonly<Record<number, number>>) => ({
  ...{ statements: 100_000, lines: 5000, counted: true },
  quantiles: Object.entries(values).map(([quantile, seconds]) => ({
    ...{ quantile: Number(quantile), seconds, low: seconds, high: seconds, effective: 100_000 },
  })),
});

const typeOf = (values: Readonly<Record<number, number>>): TypeLatency => ({
  ...{ database: 'trading', type: 'update', logged: estimateOf(values), tailComplete: true, estimated: undefined },
  totals: { log: undefined, estimate: undefined },
});

const found = (types: readonly TypeLatency[], commit?: number): Latency => ({
  ...{ types, tail: undefined, windowSeconds: 300, history: [] },
  commits: commit === undefined ? [] : [{ database: 'trading', logged: estimateOf({ 0.99: commit }) }],
});

const slow: ExplainedSlow = {
  ...{ endedAt: 0, database: 'trading', user: 'app', pid: 1, queryid: '42', type: 'update', phase: 'execute' },
  ...{ seconds: 0.4, file: 'a.json', offset: 0, seen: 2, blockedBy: [7] },
  waits: [{ waitEventType: 'Lock', waitEvent: 'transactionid', times: 2 }],
};

describe('a tail that is far from the body', () => {
  it('is told with what its statements waited for', () => {
    const result = tailBlowUp.check({ latency: found([typeOf({ 0.5: 0.0003, 0.999: 0.3 })]), slow: [slow] }, env, 0);
    expect(result).toMatchObject([{ subject: 'trading update', severity: 'warning' }]);
    const [{ evidence = [] } = {}] = Array.isArray(result) ? (result as { evidence: { value: unknown }[] }[]) : [];
    expect(evidence.map(({ value }) => value)).toEqual([0.3, 300, 'Lock transactionid', 1, '42']);
  });

  it('is none when it is short, or near', () => {
    const check = (values: Readonly<Record<number, number>>) =>
      tailBlowUp.check({ latency: found([typeOf(values)]), slow: [] }, env, 0);
    expect(check({ 0.5: 0.0001, 0.999: 0.02 })).toEqual([]);
    expect(check({ 0.5: 0.1, 0.999: 0.4 })).toEqual([]);
    expect(check({ 0.5: 0.0001 })).toEqual([]);
  });

  it('is not judged without a log', () => {
    expect(tailBlowUp.check({ latency: found([]), slow: [] }, env, 0)).toHaveProperty('notEvaluated');
  });
});

describe('commits that take long', () => {
  const waits = (event: string) => ({
    recent: [],
    commitWaits: new Map([[event, { database: 'trading', waitEvent: event, seconds: 30 }]]),
  });

  it('are told with whom they wait for', () => {
    const check = (event: string) => slowCommits.check({ latency: found([], 0.05), running: waits(event) }, env, 0);
    expect(check('SyncRep')).toMatchObject([{ action: { text: expect.stringContaining('standby') as string } }]);
    expect(check('WALSync')).toMatchObject([{ action: { text: expect.stringContaining('pg_wal') as string } }]);
  });

  it('are none when they are quick, on a standby, or unknown', () => {
    const running = waits('SyncRep');
    expect(slowCommits.check({ latency: found([], 0.005), running }, env, 0)).toEqual([]);
    const standby = { ...env, facts: { ...facts, role: 'standby' as const } };
    expect(slowCommits.check({ latency: found([], 0.05), running }, standby, 0)).toEqual([]);
    expect(slowCommits.check({ latency: found([]), running }, env, 0)).toHaveProperty('notEvaluated');
  });
});
