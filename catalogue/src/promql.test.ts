import { problemsOf, selectorsOf } from '../test/promql';

describe('an expression is told off', () => {
  it.each([
    ['sum(rate(db_transactions_total[5m]', /cannot be read/],
    ['db_conections', /db_conections is no metric of ours/],
    ['db_connections{datname="x"}', /db_connections has no label datname/],
    ['sum by (datname) (db_connections)', /no series here has the label datname/],
    ['db_transactions_total', /is a counter without a rate/],
    ['sum(db_transactions_total) by (database)', /is a counter without a rate/],
    ['rate(db_connections[5m])', /is no counter, and has a rate/],
    ['rate(db_query_latency_seconds[5m])', /is no metric of ours/],
  ])('%s', (expression, why) => {
    expect(problemsOf(expression).join('; ')).toMatch(why);
  });

  it.each([
    'sum by (cluster, database) (rate(db_transactions_total{outcome="commit",target=~"$target"}[$__rate_interval]))',
    'histogram_quantile(0.99, sum by (le) (rate(db_query_latency_seconds_bucket{database=~"${database:regex}"}[5m])))',
    'db_query_duration_seconds{quantile="0.95"} > 0.1 and on (cluster, target) db_server_role{role="primary"} == 1',
    'time() - db_server_start_timestamp_seconds < 300',
  ])('not for: %s', (expression) => {
    expect(problemsOf(expression)).toEqual([]);
  });

  it('after all that is asked for was found in it', () => {
    expect(selectorsOf('max(irate(a_total{b="c"}[1m])) / d')).toEqual([
      { name: 'a_total', labels: ['b'], within: ['irate', 'max'], range: '1m' },
      { name: 'd', labels: [], within: [], range: undefined },
    ]);
  });
});
