import fc from 'fast-check';
import { answersOf, published } from '../../test/fixtures';
import { stats } from './stats';

const statsOf = (version: '1.18.0' | '1.25.2'): Map<string, number> =>
  published(stats, answersOf(version)['SHOW STATS'] ?? []);

describe('SHOW STATS', () => {
  it('gives totals in base units', () => {
    const series = statsOf('1.18.0');
    expect(series.get('db_pool_transactions_total{database="app"}')).toBe(24);
    expect(series.get('db_pool_received_bytes_total{database="app"}')).toBe(982);
    expect(series.get('db_pool_wait_seconds_total{database="app"}')).toBe(1.309422);
    expect(series.get('db_pool_query_seconds_total{database="app"}')).toBe(1.305634);
  });

  it('gives what newer versions add, and nothing of it on older ones', () => {
    const added = ['server_assignments', 'client_parses', 'server_parses', 'binds'].map(
      (name) => `db_pool_${name}_total{database="app"}`,
    );
    expect(added.map((name) => statsOf('1.25.2').get(name))).toEqual([23, 1, 1, 20]);
    expect(added.map((name) => statsOf('1.18.0').get(name))).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('keeps the two meanings of avg_wait_time apart', () => {
    const [mean, clients] = ['wait_seconds', 'waiting_clients'].map(
      (name) => `db_pool_average_${name}{database="app"}`,
    );
    expect([mean, clients].map((name) => statsOf('1.25.2').get(name ?? ''))).toEqual([0.651053, undefined]);
    expect([mean, clients].map((name) => statsOf('1.18.0').get(name ?? ''))).toEqual([undefined, 0.965832]);
  });

  it('gives no mean duration where there was nothing to take it of', () => {
    const series = [...statsOf('1.18.0').keys()].filter((name) => /average_(query|transaction)_seconds/.test(name));
    expect(series).toEqual([
      'db_pool_average_transaction_seconds{database="app"}',
      'db_pool_average_query_seconds{database="app"}',
    ]);
  });

  it('loses no microsecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (microseconds) => {
        const series = published(stats, [{ database: 'app', total_wait_time: microseconds }]);
        const seconds = series.get('db_pool_wait_seconds_total{database="app"}') ?? NaN;
        expect(Math.round(seconds * 1e6)).toBe(microseconds);
      }),
    );
  });
});
