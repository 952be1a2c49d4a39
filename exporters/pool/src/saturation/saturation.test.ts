import fc from 'fast-check';
import { bindingsOf, type DatabaseLimits, LIMITS, type Limits, type UserLimits, usesOf } from './saturation';

const none: DatabaseLimits & UserLimits = {
  size: null,
  reserve: null,
  servers: null,
  clients: null,
  usedClients: null,
};

const limitsOf = (limits: Partial<Limits>): Limits => ({
  ...{ pools: [], databases: new Map(), users: new Map(), clients: { max: null, used: null } },
  ...limits,
});

const ratios = (limits: Limits): Record<string, number> =>
  Object.fromEntries(
    usesOf(limits).map(({ database, user, limit, used, max }) => [`${database}/${user} ${limit}`, used / max]),
  );

describe('saturation', () => {
  const limits = limitsOf({
    pools: [
      { database: 'app', user: 'a', busy: 5 },
      { database: 'app', user: 'b', busy: 1 },
      { database: 'reports', user: 'b', busy: 2 },
    ],
    databases: new Map([
      ['app', { ...none, size: 10, reserve: 10, servers: 8, clients: 40, usedClients: 4 }],
      ['reports', { ...none, size: 20, reserve: 0, servers: 0 }],
    ]),
    users: new Map([
      ['a', none],
      ['b', { ...none, servers: 6, clients: 5, usedClients: 4 }],
    ]),
    clients: { used: 30, max: 100 },
  });

  it('is what is busy over each limit that is set', () => {
    expect(ratios(limits)).toEqual({
      'app/a pool_size': 0.5,
      'app/a reserve_pool': 0.25,
      'app/b pool_size': 0.1,
      'app/b reserve_pool': 0.05,
      'reports/b pool_size': 0.1,
      'app/ max_db_connections': 0.75,
      'app/ max_db_client_connections': 0.1,
      '/b max_user_connections': 0.5,
      '/b max_user_client_connections': 0.8,
      '/ max_client_conn': 0.3,
    });
  });

  it('names for each pool the limit that is reached first if all load grows alike', () => {
    expect(bindingsOf(limits.pools, usesOf(limits))).toEqual([
      { database: 'app', user: 'a', limit: 'max_db_connections' },
      { database: 'app', user: 'b', limit: 'max_user_client_connections' },
      { database: 'reports', user: 'b', limit: 'max_user_client_connections' },
    ]);
  });

  it('goes beyond 1 when the reserve is in use', () => {
    const full = limitsOf({
      pools: [{ database: 'app', user: 'a', busy: 12 }],
      databases: new Map([['app', { ...none, size: 10, reserve: 5 }]]),
    });
    expect(ratios(full)).toEqual({ 'app/a pool_size': 1.2, 'app/a reserve_pool': 0.8 });
  });

  it('takes a user’s own pool size before that of the database', () => {
    const own = limitsOf({
      pools: [{ database: 'app', user: 'a', busy: 2 }],
      databases: new Map([['app', { ...none, size: 10 }]]),
      users: new Map([['a', { ...none, size: 4, reserve: 4 }]]),
    });
    expect(ratios(own)).toEqual({ 'app/a pool_size': 0.5, 'app/a reserve_pool': 0.25 });
  });

  it('names the lowest limit when all is idle, and none where nothing is limited', () => {
    const idle = (size: number, servers: number): Limits =>
      limitsOf({
        pools: [{ database: 'app', user: 'a', busy: 0 }],
        databases: new Map([['app', { ...none, size, servers }]]),
      });
    const limitOf = (of: Limits) => bindingsOf(of.pools, usesOf(of)).map(({ limit }) => limit);
    expect([limitOf(idle(20, 10)), limitOf(idle(5, 10)), limitOf(idle(0, 0))]).toEqual([
      ['max_db_connections'],
      ['pool_size'],
      [],
    ]);
  });

  const count = fc.option(fc.nat({ max: 50 }), { nil: null });
  const perName = fc.record({ size: count, reserve: count, servers: count, clients: count, usedClients: count });
  const names = fc.constantFrom('a', 'b', 'c');
  const pools = fc.uniqueArray(fc.record({ database: names, user: names, busy: fc.nat({ max: 50 }) }), {
    selector: ({ database, user }) => `${database}/${user}`,
  });
  const anything: fc.Arbitrary<Limits> = fc.record({
    pools,
    databases: fc.array(fc.tuple(names, perName)).map((entries) => new Map(entries)),
    users: fc.array(fc.tuple(names, perName)).map((entries) => new Map(entries)),
    clients: fc.record({ max: count, used: count }),
  });

  it('is a finite number from 0 up, once per limit; 0 and unknown limits have none', () => {
    fc.assert(
      fc.property(anything, (of) => {
        const uses = usesOf(of);
        expect(uses.every(({ used, max }) => Number.isFinite(used / max) && used >= 0 && max > 0)).toBe(true);
        const keys = uses.map(({ database, user, limit }) => [database, user, limit].join('/'));
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('never falls when a pool gets busier, and the binding limit is never less full than another', () => {
    fc.assert(
      fc.property(anything, fc.nat({ max: 20 }), (of, more) => {
        const uses = usesOf(of);
        const later = usesOf({ ...of, pools: of.pools.map((pool) => ({ ...pool, busy: pool.busy + more })) });
        later.forEach(({ used }, i) => expect(used).toBeGreaterThanOrEqual(uses[i]?.used ?? NaN));
        const fullest = Math.max(0, ...uses.map(({ used, max }) => used / max));
        for (const { database, user, limit } of bindingsOf(of.pools, uses)) {
          expect(LIMITS).toContain(limit);
          const own = uses.filter(
            (use) => use.limit === limit && ['', database].includes(use.database) && ['', user].includes(use.user),
          );
          expect(own.some(({ used, max }) => used / max <= fullest)).toBe(true);
        }
      }),
    );
  });
});
