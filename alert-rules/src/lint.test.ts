import { inferLabels } from '../../catalogue/test/labels';
import { problemsOfLevel } from '../test/lint';
import type { Alert, Level } from './define';
import { alerts, recordings } from './groups';

const levels = alerts.flatMap((alert) => alert.levels.map((level) => ({ alert, level, name: alert.name })));

describe('every level of every alert', () => {
  it.each(levels)('breaks no rule: $name, $level.severity', ({ alert, level }) => {
    expect(problemsOfLevel(alert, level)).toEqual([]);
  });
});

describe('every recording', () => {
  it.each(recordings)('can match: $record', ({ expr }) => {
    expect(inferLabels(expr).problems).toEqual([]);
  });
});

describe('an alert is told off', () => {
  const good = levels.find(({ name }) => name === 'PostgresDeadlocks');
  if (good === undefined) throw new Error('there is no PostgresDeadlocks');
  const told = (alert: Partial<Alert>, level: Partial<Level>): readonly string[] =>
    problemsOfLevel({ ...good.alert, ...alert }, { ...good.level, ...level });
  const asking = (expr: string): Partial<Level> => ({ expr });
  const BY = 'cluster, target, database';

  it('not for nothing', () => {
    expect(told({}, {})).toEqual([]);
  });

  it.each<[string, RegExp, Partial<Alert>, Partial<Level>]>([
    ['that compares with nothing', /^alerts\/comparison/, {}, asking(`sum by (${BY}) (db_connections{state!="idle"})`)],
    ['that is absent at once', /^alerts\/absent/, {}, { expr: 'absent(up{job="x"})', for: '1m' }],
    [
      'that names what was summed away',
      /^alerts\/template: description names database/,
      {},
      asking('sum by (cluster, target) (rate(db_deadlocks_total[5m])) > 1'),
    ],
    ['with its value in a label', /^alerts\/template: the label/, {}, { labels: { value: '{{ $value }}' } }],
    ['that shows a long fraction', /^alerts\/template: shows/, {}, { description: '{{ $value }} deadlocks' }],
    ['without a summary', /^alerts\/annotation: no summary/, { summary: '' }, {}],
    ['with what is no duration', /^alerts\/for: 5 minutes is no/, {}, { for: '5 minutes' }],
    ['that fires at the first glance', /^alerts\/for: fires/, {}, { for: '0m' }],
    ['that hides a label of its series', /^labels\/conflict: its label database/, {}, { labels: { database: 'x' } }],
    [
      'that keeps other labels than it says',
      /^rule\/label: keeps cluster, database, target, and says/,
      { by: ['cluster'] },
      {},
    ],
    [
      'that does not name the cluster first',
      /^rule\/label: does not say/,
      { by: ['target', 'cluster', 'database'] },
      {},
    ],
    ['whose name is no name of an alert', /^rule\/name/, { name: 'deadlocks_high' }, {}],
    ['that looks back too shortly', /^promql\/rate/, {}, asking(`max by (${BY}) (rate(db_deadlocks_total[1m])) > 1`)],
    [
      'that looks back too far',
      /^promql\/range_query/,
      {},
      asking(`max by (${BY}) (rate(db_deadlocks_total[30d])) > 1`),
    ],
    [
      'with a pattern that is none',
      /^promql\/regexp.*= will do/,
      {},
      asking(`max by (${BY}) (db_connections{state=~"idle"}) > 1`),
    ],
    [
      'with an anchor',
      /^promql\/regexp.*anchored/,
      {},
      asking(`max by (${BY}) (db_connections{state=~"^idle.*"}) > 1`),
    ],
    ['that picks', /^promql\/fragile/, {}, asking(`topk(3, max by (${BY}) (db_connections)) > 1`)],
    [
      'that can never match',
      /^promql\/impossible/,
      {},
      asking(`max by (${BY}) (db_connections) > 1 unless sum(db_connections)`),
    ],
  ])('%s', (_, why, alert, level) => {
    expect(told(alert, level).filter((problem) => why.test(problem))).not.toEqual([]);
  });
});
