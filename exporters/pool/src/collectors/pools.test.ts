import fc from 'fast-check';
import { answersOf, published } from '../../test/fixtures';
import { maxwaitOf, pools } from './pools';

describe('SHOW POOLS', () => {
  it('shows who waits, for how long, and what the servers do', () => {
    const series = published(pools, answersOf('1.18.0')['SHOW POOLS'] ?? []);
    const pool = 'database="app",user="postgres"';
    expect(series.get(`db_pool_maxwait_seconds{${pool}}`)).toBe(1.246798);
    expect(series.get(`db_pool_client_connections{${pool},state="waiting"}`)).toBe(1);
    expect(series.get(`db_pool_client_connections{${pool},state="active"}`)).toBe(1);
    expect(series.get(`db_pool_server_connections{${pool},state="active"}`)).toBe(1);
    expect(series.get(`db_pool_server_connections{${pool},state="idle"}`)).toBe(0);
    expect(series.get(`db_pool_info{${pool},pool_mode="transaction",load_balance_hosts=""}`)).toBe(1);
  });

  it('puts the two halves of maxwait together exactly, and rises with either', () => {
    const wait = fc.record({ maxwait: fc.nat({ max: 1_000_000 }), maxwait_us: fc.nat({ max: 999_999 }) });
    fc.assert(
      fc.property(wait, wait, (a, b) => {
        const [seconds = NaN, other = NaN] = [a, b].map((row) => maxwaitOf(row) ?? NaN);
        expect(seconds).toBe(Number(`${a.maxwait}.${String(a.maxwait_us).padStart(6, '0')}`));
        expect(seconds < other).toBe(a.maxwait * 1e6 + a.maxwait_us < b.maxwait * 1e6 + b.maxwait_us);
      }),
    );
  });

  it('has no wait to show where the column is missing', () => {
    expect(maxwaitOf({ maxwait_us: 5 })).toBeNull();
  });
});
