import { AppPlugin, dateTime, PluginContextProvider, type PluginMeta } from '@grafana/data';
import { screen, waitFor } from '@testing-library/react';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering, renderInApp } from '../../test/render';
import { pages } from '../app/pages';
import { PLUGIN_ID } from '../constants';
import plugin from '../plugin.json';
import type { Settings } from '../settings';
import { addExtensions } from './extensions';
import { readyBadge } from './HealthBadge';
import { placeOf } from './place';

const app = new AppPlugin<Settings>();
addExtensions(app);
const { addedLinkConfigs: links, exposedComponentConfigs: components } = app;

/** Where a link leads from what Grafana tells it; nothing: it is not offered. */
const follow = (title: string, context: object | undefined): string | undefined =>
  links.find((one) => one.title === title)?.configure?.(context)?.path;

const panel = (exprs: readonly string[], more: object = {}) => ({
  ...{ pluginId: 'timeseries', id: 3, title: 'A panel', timeZone: 'browser' },
  timeRange: { from: 'now-6h', to: 'now' },
  targets: exprs.map((expr, i) => ({ refId: String(i), expr })),
  ...more,
});

describe('what the app adds to Grafana', () => {
  it('is what plugin.json lists: Grafana takes nothing else', () => {
    expect(links.map(({ title, description, targets }) => ({ targets, title, description }))).toEqual(
      plugin.extensions.addedLinks,
    );
    expect(components.map(({ id, title, description }) => ({ id, title, description }))).toEqual(
      plugin.extensions.exposedComponents,
    );
  });

  it('has titles that Grafana takes, no two alike, and names of its own', () => {
    const titles = [...plugin.extensions.addedLinks, ...plugin.extensions.exposedComponents].map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles.filter((title) => title.length < 10)).toEqual([]);
    for (const { id } of components) expect(id).toMatch(new RegExp(`^${PLUGIN_ID}/[a-z-]+/v\\d+$`));
  });
});

describe('“Open in Submilli” in a panel’s menu and in Explore', () => {
  const open = (context: object | undefined) => follow('Open in Submilli', context);

  it('leads to the page that explains the metric, and takes the time along', () => {
    expect(open(panel(['db_performance_score{database="trading"}']))).toBe(
      '/a/submilli-postgresql-app/health?from=now-6h&to=now&var-database=trading',
    );
    expect(open(panel(['histogram_quantile(0.99, rate(db_query_latency_seconds_bucket[5m]))']))).toBe(
      '/a/submilli-postgresql-app/latency?from=now-6h&to=now',
    );
    expect(open(panel(['rate(db_query_statement_calls_total[5m])']))).toMatch('/queries?');
    expect(open(panel(['max(db_replication_replay_lag_seconds)']))).toMatch('/high-availability?');
    expect(open(panel(['sum by (severity) (db_advice_recommendations)']))).toMatch('/advice?');
  });

  it('takes moments that were chosen, and leaves out a time that makes no sense', () => {
    const range = { from: dateTime(1_700_000_000_000), to: dateTime(1_700_003_600_000) };
    expect(open(panel(['db_performance_score'], { timeRange: range }))).toContain(
      'from=1700000000000&to=1700003600000',
    );
    expect(open(panel(['db_performance_score'], { timeRange: undefined }))).toBe('/a/submilli-postgresql-app/health');
  });

  it('takes cluster and database that all of it agrees on, and no variable by its name', () => {
    const frame = (labels: object) => ({ fields: [{ type: 'time' }, { type: 'number', labels }] });
    const shown = (...all: object[]) => panel(['db_performance_score{cluster=~"$cluster"}'], { data: { series: all } });
    expect(open(shown(frame({ cluster: 'a', database: 'x' }), frame({ cluster: 'a', database: 'y' })))).toMatch(
      /to=now&var-cluster=a$/,
    );
    expect(open(panel(['db_performance_score{cluster="$cluster"}']))).toMatch(/to=now$/);
  });

  it('is not offered where the app has nothing to say', () => {
    for (const none of [
      undefined,
      {},
      panel([]),
      panel(['up']),
      panel(['db_client_connections_usage{state="idle"}']),
    ]) {
      expect(open(none)).toBeUndefined();
    }
    expect(open({ targets: 'db_performance_score', timeRange: 7, data: null })).toBeUndefined();
    expect(open({ targets: [null, { expr: 4 }] })).toBeUndefined();
  });
});

describe('the link of an alert', () => {
  const open = (context: object) => follow('Open alert in Submilli', context);

  it('leads from its rule to the page that explains it', () => {
    const rule = { name: 'ReplayLag', expression: 'db_replication_replay_lag_seconds > 30', labels: { cluster: 'a' } };
    expect(open(rule)).toBe('/a/submilli-postgresql-app/high-availability?var-cluster=a');
  });

  it('leads from what fires to its database, from an hour before it began', () => {
    const instance = { labels: { database: 'trading', cluster: 'a' }, activeAt: '2026-11-24T01:00:00Z' };
    const rule = { name: 'Score', query: '{"expr":"db_performance_score{database=\\"trading\\"} < 40"}', labels: {} };
    expect(open({ rule, instance })).toBe(
      '/a/submilli-postgresql-app/health?from=1795478400000&to=now&var-cluster=a&var-database=trading',
    );
  });

  it('is not offered for the alerts of others, or when it is not told what they are about', () => {
    expect(open({ name: 'Disk', expression: 'node_filesystem_avail_bytes < 1', labels: {} })).toBeUndefined();
    expect(open({ instance: { labels: {}, activeAt: '0001-01-01T00:00:00Z' } })).toBeUndefined();
  });

  it('does not begin two thousand years ago for an alert that never fired', () => {
    const rule = { query: 'db_performance_score < 40' };
    expect(open({ rule, instance: { labels: {}, activeAt: '0001-01-01T00:00:00Z' } })).toBe(
      '/a/submilli-postgresql-app/health',
    );
  });
});

describe('every metric of the exporters', () => {
  it('leads to a page that there is', () => {
    const documented = readFileSync(join(__dirname, '../../../docs/metrics.md'), 'utf8');
    const metrics = [...documented.matchAll(/^\| `(db_\w+)`/gm)].map(([, name = '']) => name);
    expect(metrics.length).toBeGreaterThan(100);
    const lost = metrics.filter((name) => placeOf({ exprs: [name], labels: [] }) === undefined);
    expect(lost).toEqual([]);
    const found = new Set(metrics.flatMap((name) => placeOf({ exprs: [name], labels: [] })?.page ?? []));
    expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining([...found]));
  });
});

describe('the health badge in pages of others', () => {
  const badge = async (jsonData: Settings, props: { database: string; cluster?: string }) => {
    const Badge = await readyBadge();
    renderInApp(
      <PluginContextProvider meta={{ id: PLUGIN_ID, jsonData } as PluginMeta}>
        <Badge {...props} />
      </PluginContextProvider>,
    );
  };
  const scored = (value: number) => ({
    results: {
      score: {
        status: 200,
        frames: [
          {
            schema: {
              refId: 'score',
              fields: [
                { name: 'Time', type: 'time' },
                { name: 'Value', type: 'number' },
              ],
            },
            data: { values: [[1e12], [value]] },
          },
        ],
      },
    },
  });

  it('shows the score of the database, and leads to how it comes about', async () => {
    const asked = answering({ '/api/ds/query': scored(61.4) });
    await badge({ prometheusUid: 'prom' }, { database: 'trading', cluster: 'a' });
    expect(await screen.findByText('61')).toBeInTheDocument();
    expect(screen.getByRole('link')).toHaveAttribute(
      'href',
      expect.stringContaining('/a/submilli-postgresql-app/health?var-cluster=a&var-database=trading'),
    );
    expect(asked[0]?.data).toMatchObject({
      queries: [{ expr: 'min(db_performance_score{cluster="a", database="trading"})', instant: true }],
    });
  });

  it('says that it is not known, rather than zero, when there is no series, no answer or no data source', async () => {
    answering({ '/api/ds/query': { results: { score: { status: 200, frames: [] } } } });
    await badge({ prometheusUid: 'prom' }, { database: 'none' });
    await waitFor(() => expect(screen.getByTestId('health-badge')).toHaveTextContent('– not known'));
  });

  it('asks nothing without a data source', async () => {
    const asked = answering({});
    await badge({}, { database: 'trading' });
    expect(screen.getByTestId('health-badge')).toHaveTextContent('– not known');
    expect(asked).toEqual([]);
  });
});
