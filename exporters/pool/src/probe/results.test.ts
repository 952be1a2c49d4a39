import { configSchema, histogramValue, Problem } from '@submilli/core';
import fc from 'fast-check';
import { addressesOf } from './address';
import { type Path, PATHS, type Phase, PHASES, type Results, type Try, withLate, withTry } from './results';

const failure = (phase: Phase): NonNullable<Try['failure']> => ({
  phase,
  problem: new Problem('timeout', { what: 'too slow' }),
});
const done = (reached: number): Try => ({
  seconds: new Map(PHASES.slice(0, reached).map((phase) => [phase, 0.001])),
  failure: reached === PHASES.length ? null : failure(PHASES[reached] ?? 'connect'),
});

const countsOf = (results: Results, path: Path): number[] =>
  PHASES.map((phase) => {
    const histogram = results.get(path)?.phases.get(phase);
    return histogram === undefined ? 0 : histogramValue(histogram).count;
  });

describe('the results of a probe', () => {
  it('count the phases that came through, and the one that did not', () => {
    const results = [done(5), done(3)].reduce<Results>((all, one) => withTry(all, 'pool', one), new Map());
    expect(countsOf(results, 'pool')).toEqual([2, 2, 2, 1, 1]);
    expect(results.get('pool')).toMatchObject({ tries: 2, ok: false });
    expect([...(results.get('pool')?.failures.values() ?? [])]).toEqual([
      { phase: 'first_statement', reason: 'timeout', count: 1 },
    ]);
  });

  it('count a late try as one failure and one try, however it ends', () => {
    const late = withLate(new Map(), 'pool', failure('first_statement'));
    expect(late.get('pool')).toMatchObject({ tries: 0, ok: false });
    expect(withTry(late, 'pool', done(5), true).get('pool')).toMatchObject({ tries: 1, ok: true });
    const failed = withTry(late, 'pool', done(3), true);
    expect([...(failed.get('pool')?.failures.values() ?? [])].map(({ count }) => count)).toEqual([1]);
  });

  it('are kept by path, add up, and never fall', () => {
    const one = fc.record({ path: fc.constantFrom(...PATHS), reached: fc.nat({ max: 5 }) });
    fc.assert(
      fc.property(fc.array(one), (all) => {
        const results = all.reduce<Results>((sum, { path, reached }) => withTry(sum, path, done(reached)), new Map());
        for (const path of PATHS) {
          const own = all.filter((each) => each.path === path);
          expect(results.get(path)?.tries ?? 0).toBe(own.length);
          expect(countsOf(results, path)).toEqual(
            PHASES.map((_, i) => own.filter(({ reached }) => reached > i).length),
          );
          const failed = [...(results.get(path)?.failures.values() ?? [])].reduce((sum, { count }) => sum + count, 0);
          expect(failed).toBe(own.filter(({ reached }) => reached < 5).length);
        }
      }),
    );
  });
});

describe('where a probe goes', () => {
  const config = configSchema.parse({
    postgres: [{ name: 'pg1', host: 'db', port: 5433, user: 'watcher', password: 'w', sslmode: 'require' }],
    pgbouncer: [{ name: 'pool', host: 'pooler', user: 'stats', password: 's', sslmode: 'disable' }],
  });
  const [target] = config.pgbouncer;
  if (target === undefined) throw new Error('the configuration has no target');
  const probe = { database: 'app', user: 'canary', password: 'c', interval_seconds: 10 };

  it('is the pooler, as its own user, and never with the watcher’s password', () => {
    const [pool, ...others] = addressesOf(target, probe, config).values();
    expect(pool).toMatchObject({ host: 'pooler', port: 6432, database: 'app', user: 'canary', password: 'c' });
    expect(others).toEqual([]);
  });

  it('is also a server, by name or by address', () => {
    const named = addressesOf(target, { ...probe, direct: 'pg1' }, config).get('direct');
    expect(named).toMatchObject({ host: 'db', port: 5433, database: 'app', user: 'canary', sslmode: 'require' });
    expect(named?.password).toBe('c');
    const direct = { host: 'x', port: 1, database: 'other', sslmode: 'disable' as const };
    expect(addressesOf(target, { ...probe, direct }, config).get('direct')).toMatchObject({
      host: 'x',
      database: 'other',
    });
  });
});
