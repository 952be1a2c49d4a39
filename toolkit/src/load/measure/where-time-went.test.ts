import { counterIn } from './exporters';
import { whereTimeWent } from './where-time-went';

const database = (transactions: number, active: number, between: number) => ({
  counters: {
    db_transactions_total: transactions,
    db_session_active_seconds_total: active,
    db_session_idle_in_transaction_seconds_total: between,
  },
});
const pool = (transactions: number, wait: number) => ({
  counters: { db_pool_transactions_total: transactions, db_pool_wait_seconds_total: wait },
});

/** A thousand transactions: 2 ms on the server, 1 ms between its statements, 5 ms in the queue. */
const looks = {
  database: { before: database(5000, 100, 50), after: database(6000, 102, 51) },
  pool: { before: pool(400, 7), after: pool(1400, 12) },
};

describe('where the time went', () => {
  it('is each source’s seconds for each of its own transactions, and the rest is what nobody measured', () => {
    const { shares, absent } = whereTimeWent({
      ...{ meanSeconds: 0.01, unsentSeconds: undefined, transactions: 1000, ...looks },
    });
    expect(shares.map(({ part, seconds }) => [part, Number(seconds.toFixed(6))])).toEqual([
      ['pool', 0.005],
      ['server', 0.002],
      ['between', 0.001],
      ['rest', 0.002],
    ]);
    expect(absent).toEqual([]);
  });

  it('has what was due and not sent, where there is a rate', () => {
    const { shares } = whereTimeWent({ meanSeconds: 0.02, unsentSeconds: 0.01, transactions: 1000, ...looks });
    expect(shares[0]).toEqual({ part: 'unsent', seconds: 0.01 });
    expect(shares.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(0.02, 9);
  });

  it('says why a part is missing, and calls nothing the rest without the server’s', () => {
    const gone = { absent: 'the database exporter does not answer' };
    const { shares, absent } = whereTimeWent({
      ...{ meanSeconds: 0.01, unsentSeconds: undefined, transactions: 1000 },
      ...{ database: { before: looks.database.before, after: gone }, pool: looks.pool },
    });
    expect(shares.map(({ part }) => part)).toEqual(['pool']);
    expect(absent).toEqual([gone.absent]);
  });

  it('takes no figure from a counter that began anew', () => {
    const { shares } = whereTimeWent({
      ...{ meanSeconds: 0.01, unsentSeconds: undefined, transactions: 1000, ...looks },
      database: { before: database(5000, 100, 50), after: database(1000, 2, 1) },
    });
    expect(shares.map(({ part }) => part)).toEqual(['pool']);
  });

  it('says when others were at it, as the server’s means are theirs too', () => {
    const { absent } = whereTimeWent({ meanSeconds: 0.01, unsentSeconds: undefined, transactions: 600, ...looks });
    expect(absent).toEqual([expect.stringMatching(/^40 % .* others’/)]);
  });

  it('says when the parts are more than the whole, and has no negative rest', () => {
    const { shares, absent } = whereTimeWent({
      meanSeconds: 0.004,
      unsentSeconds: undefined,
      transactions: 1000,
      ...looks,
    });
    expect(shares.map(({ part }) => part)).not.toContain('rest');
    expect(absent).toEqual([expect.stringContaining('more than the whole')]);
  });
});

it('a counter is the sum over a database’s series, and of no other whose name begins alike', () => {
  const text = [
    'db_transactions_total{database="app",outcome="commit"} 10',
    'db_transactions_total{database="app",outcome="rollback"} 2',
    'db_transactions_total{database="app2",outcome="commit"} 100',
    'db_transactions_total_other{database="app",outcome="commit"} 1000',
  ].join('\n');
  expect(counterIn(text, 'db_transactions_total', 'app')).toBe(12);
  expect(counterIn(text, 'db_transactions_total', 'nobody')).toBeNull();
});
