import { hasLabel, inferLabels } from '../test/labels';

const kept = (expression: string): readonly string[] => [...(inferLabels(expression).labels?.names ?? [])].toSorted();

describe('the labels that an expression keeps', () => {
  it.each<[string, readonly string[]]>([
    ['db_deadlocks_total', ['cluster', 'database', 'instance', 'job', 'target']],
    ['sum by (cluster, database) (rate(db_deadlocks_total[5m])) > 1', ['cluster', 'database']],
    ['sum(db_connections)', []],
    ['sum without (instance, job) (db_deadlocks_total)', ['cluster', 'database', 'target']],
    ['topk(5, db_exporter_up)', ['cluster', 'instance', 'job', 'target']],
    ['absent(up{job="a",cluster=~"b"})', ['job']],
    ['vector(1)', []],
    ['time() - max by (cluster) (db_ha_members) < 300', ['cluster']],
    ['max by (cluster) (db_ha_members) and on (cluster) db_exporter_up', ['cluster']],
    ['db_exporter_up * on (cluster) max by (cluster) (db_ha_members)', ['cluster']],
    [
      'db_exporter_up * on (cluster) group_left max by (cluster) (db_ha_members)',
      ['cluster', 'instance', 'job', 'target'],
    ],
    ['max by (cluster, target) (db_exporter_up) or max by (cluster) (db_ha_members)', ['cluster']],
    ['label_replace(sum by (cluster) (db_exporter_up), "now", "$1", "cluster", "(.*)")', ['cluster', 'now']],
    ['histogram_quantile(0.9, sum by (le, cluster) (rate(db_commit_duration_seconds_bucket[5m])))', ['cluster']],
    ['-max_over_time(sum by (cluster) (db_exporter_up)[1h:1m] offset 1d)', ['cluster']],
  ])('%s', (expression, labels) => {
    expect(kept(expression)).toEqual(labels);
    expect(inferLabels(expression).problems).toEqual([]);
  });

  it('are those of its name, where it is recorded; any, of alerts', () => {
    expect(kept('a:b:c')).toEqual(['cluster', 'instance', 'job', 'target']);
    expect([...(inferLabels('a:b:c', new Map([['a:b:c', ['x']]])).labels?.names ?? [])]).toEqual(['x']);
    expect(hasLabel(inferLabels('ALERTS').labels, 'severity')).toBe(true);
    expect(inferLabels('1 + time()').labels).toBeUndefined();
  });
});

describe('what can never match is told off', () => {
  it.each([
    ['sum by (database) (sum by (cluster) (db_connections))', /sum by database, which is not there/],
    ['sum(db_connections) / on (cluster) sum by (cluster) (db_connections)', /\/ on cluster, which is not there/],
    ['db_connections unless sum(db_connections)', /unless: one side has cluster.*, the other no labels/],
    ['sum by (cluster) (db_connections) / sum by (target) (db_connections)', /one side has cluster, the other target/],
    [
      'histogram_quantile(0.9, sum by (cluster) (rate(db_commit_duration_seconds_bucket[5m])))',
      /histogram_quantile le/,
    ],
  ])('%s', (expression, why) => {
    expect(inferLabels(expression).problems.join('; ')).toMatch(why);
  });
});
