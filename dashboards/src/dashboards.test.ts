import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../test/lint';
import { dashboards, textOf } from './dashboards';
import { expressionsOf, panelsOf } from './expressions';
import { withoutData } from './without-data';

const UIDS = ['connection-pool', 'database-performance', 'fleet-overview', 'high-availability', 'query-performance'];
const folder = join(__dirname, '..');

const problemsOf = (dashboard: Dashboard): readonly string[] =>
  Object.entries(rules).flatMap(([name, rule]) => rule(dashboard, UIDS).map((problem) => `${name}: ${problem}`));

describe('the committed dashboards', () => {
  it('are the five that were promised', () => {
    expect(dashboards.map(({ uid }) => uid).toSorted()).toEqual(UIDS);
    const files = readdirSync(folder).filter((name) => name.endsWith('.json') && !/^(package|tsconfig)/.test(name));
    expect(files.toSorted()).toEqual(UIDS.map((uid) => `${uid}.json`));
  });

  it.each(dashboards)('$uid is as its sources make it, else: npm run generate', (dashboard) => {
    const committed = readFileSync(join(folder, `${dashboard.uid}.json`), 'utf8');
    expect(committed === textOf(dashboard) ? 'current' : 'stale, else: npm run generate').toBe('current');
  });

  it.each(dashboards)('$uid breaks no rule', (dashboard) => {
    expect(problemsOf(dashboard)).toEqual([]);
  });

  it.each(dashboards)('$uid tells its story on the first screen', (dashboard) => {
    const [heading, second] = (dashboard.panels ?? []).filter(({ type }) => type === 'row');
    expect(heading?.gridPos?.y).toBe(0);
    expect(second?.gridPos?.y).toBeGreaterThanOrEqual(18);
    expect(second?.gridPos?.y).toBeLessThanOrEqual(21);
  });

  it('never show executor time as the time of a durable write: commits stand beside it', () => {
    const asked = dashboards.filter((one) =>
      expressionsOf(one).some(({ expr }) => /db_query_latency_seconds.*query_type=~"[^"]*insert/.test(expr)),
    );
    expect(asked.length).toBeGreaterThan(0);
    for (const one of asked) {
      const panels = panelsOf(one);
      const write = panels.find(({ title = '' }) => title.startsWith('Write latency'));
      const commit = panels.find(({ title = '' }) => title.startsWith('Commit time'));
      expect(write?.description).toMatch(/durable only after the commit/);
      expect(commit?.gridPos?.y).toBe(write?.gridPos?.y);
    }
  });

  it('excuse only questions that they ask', () => {
    const asked = new Set(dashboards.flatMap(expressionsOf).map(({ panel, refId }) => `${panel} ${refId}`));
    expect(withoutData.filter(({ panel, refId }) => !asked.has(`${panel} ${refId}`))).toEqual([]);
  });
});

describe('a dashboard is told off', () => {
  const [good] = dashboards.filter(({ uid }) => uid === 'query-performance');
  const changed = (change: (dashboard: Dashboard, panel: Panel) => void): readonly string[] => {
    if (good === undefined) throw new Error('there is no dashboard');
    const copy = structuredClone(good);
    const [panel] = panelsOf(copy);
    if (panel === undefined) throw new Error('there is no panel');
    change(copy, panel);
    return problemsOf(copy);
  };
  const asking = (expr: string) => (_: Dashboard, panel: Panel) => {
    Object.assign(panel.targets?.[0] ?? {}, { expr });
  };
  const query = (dashboard: Dashboard) => dashboard.templating.list?.find(({ name }) => name === 'database');

  it.each<[string, RegExp, (dashboard: Dashboard, panel: Panel) => void]>([
    ['without a description', /^description/, (_, panel) => delete panel.description],
    ['with half a description', /^description/, (_, panel) => (panel.description = 'Latency')],
    ['without a unit', /^unit/, (_, panel) => delete panel.fieldConfig?.defaults.unit],
    ['without an empty state', /^emptyState/, (_, panel) => delete panel.fieldConfig?.defaults.noValue],
    ['without a question', /^targets.*asks nothing/, (_, panel) => (panel.targets = [])],
    [
      'with a refId twice',
      /^targets.*two queries/,
      (_, panel) => (panel.targets = [...(panel.targets ?? []), ...(panel.targets ?? [])]),
    ],
    ['with a data source of its own', /^datasource/, (_, panel) => (panel.datasource = { uid: 'abc' })],
    ['with a variable that asks elsewhere', /^datasource: variable/, (one) => delete query(one)?.datasource],
    ['with a variable of one value', /^variables.*several/, (one) => Object.assign(query(one) ?? {}, { multi: false })],
    ['with an instance', /^anywhere/, asking('db_connections{cluster=~"$cluster",instance="127.0.0.1:9091"}')],
    ['with all clusters', /^chosen/, asking('sum(db_connections)')],
    ['with an unknown variable', /^undefinedVariables/, asking('db_connections{cluster=~"$clusters"}')],
    ['with a window of its own', /^intervals/, asking('rate(db_transactions_total{cluster=~"$cluster"}[5m])')],
    ['with a counter', /^promql.*counter without a rate/, asking('db_transactions_total{cluster=~"$cluster"}')],
    [
      'with a rate of a gauge',
      /^promql.*no counter/,
      asking('rate(db_connections{cluster=~"$cluster"}[$__rate_interval])'),
    ],
    ['with what is no metric', /^promql.*no metric/, asking('db_conections{cluster=~"$cluster"}')],
    ['with what is no PromQL', /^promql.*cannot be read/, asking('sum(db_connections{cluster=~"$cluster"}')],
    ['with what can never match', /^impossible/, asking('db_connections{cluster=~"$cluster"} and sum(db_connections)')],
    [
      'with a legend that is always empty',
      /^legends.*names database/,
      (_, panel) =>
        Object.assign(panel.targets?.[0] ?? {}, { expr: 'sum(db_connections)', legendFormat: '{{database}}' }),
    ],
    [
      'with a column that is always empty',
      /^legends.*no query has the column nothing/,
      (one) => {
        const [table] = panelsOf(one).filter(({ type }) => type === 'table');
        Object.assign(table?.transformations?.[1]?.options ?? {}, { include: { names: ['nothing'] } });
      },
    ],
    [
      'with a variable of no metric',
      /^promql: variable/,
      (one) => Object.assign(query(one) ?? {}, { query: { query: 'label_values(db_nothing, database)' } }),
    ],
    ['with a title twice', /^unique.*called/, (one, panel) => (panel.title = one.panels?.at(-1)?.title ?? '')],
    ['with an id twice', /^unique.*id/, (one, panel) => (panel.id = one.panels?.at(-1)?.id ?? 0)],
    ['with panels over each other', /^grid.*lies over/, (_, panel) => (panel.gridPos = { x: 1, y: 2, w: 24, h: 9 })],
    ['with a panel off the grid', /^grid.*not on/, (_, panel) => (panel.gridPos = { x: 20, y: 999, w: 8, h: 1 })],
    ['with a link to nowhere', /^links.*nowhere/, (one) => Object.assign(one.links?.[1] ?? {}, { url: '/d/nothing' })],
    ['with a link that forgets', /^links.*forgets/, (one) => Object.assign(one.links?.[0] ?? {}, { keepTime: false })],
    ['that can be edited', /^settled.*edited/, (one) => (one.editable = true)],
    ['with a version', /^settled.*version/, (one) => (one.version = 3)],
  ])('%s', (_name, why, change) => {
    expect(changed(change).some((problem) => why.test(problem))).toBe(true);
  });

  it('and not for nothing', () => {
    expect(changed(() => undefined)).toEqual([]);
  });
});
