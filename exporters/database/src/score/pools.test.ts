import { configSchema, type PoolSaturation } from '@submilli/core';
import { poolOf } from './pools';

const pool = (changes: Partial<PoolSaturation> = {}): PoolSaturation => ({
  ...{ kind: 'pool-saturation', host: '10.0.0.1', port: 5432, database: 'app', ratio: 0.5, waitSeconds: 0 },
  ...changes,
});
const config = configSchema.parse({
  postgres: [{ name: 'pg', host: '10.0.0.1' }, { name: 'here' }],
  pgbouncer: [{ name: 'pool' }],
});
const of = (shared: readonly PoolSaturation[], target = 'pg') => poolOf('app', { config, target, shared });

describe('the pool in front of a database', () => {
  it('is the fullest of those that lead to it', () => {
    const shared = [pool(), pool({ ratio: 1.5, waitSeconds: 2 }), pool({ database: 'other', ratio: 9 })];
    expect(of(shared)).toEqual({ pool_saturation: 150, pool_wait: 2 });
  });

  it('is another server’s when host or port differ', () => {
    const shared = [pool({ host: '10.0.0.2' }), pool({ port: 5433 })];
    expect(of(shared).pool_saturation).toMatchObject({ missing: 'not-applicable' });
  });

  it.each(['127.0.0.1', 'localhost', '::1', '', '/run/postgresql'])(
    'is on this machine when it goes to "%s"',
    (host) => {
      expect(of([pool({ host })], 'here').pool_saturation).toBe(50);
      expect(of([pool({ host })], 'pg').pool_saturation).toMatchObject({ missing: 'not-applicable' });
    },
  );

  it('is unknown while a pooler is watched that says nothing, and not applicable when none is watched', () => {
    expect(of([]).pool_saturation).toMatchObject({ missing: 'unknown' });
    const alone = { config: configSchema.parse({}), target: 'pg', shared: [] };
    expect(poolOf('app', alone).pool_saturation).toMatchObject({ missing: 'not-applicable' });
  });
});
