import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { type DashboardPage, dashboardPage, dashboards } from '../pages/dashboards';
import { base, openBrowser, openPage, shoot, type Size, type Watched } from './browser';

jest.setTimeout(300_000);

type Panel = {
  readonly type: string;
  readonly title: string;
  readonly panels?: readonly Panel[];
  readonly fieldConfig?: { readonly defaults: { readonly noValue?: string } };
};

const committed = (uid: string): readonly Panel[] => {
  const file = join(__dirname, '..', '..', '..', 'dashboards', `${uid}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { panels: readonly Panel[] }).panels;
};

/** It asks the exporters, which answer also while Prometheus does not. */
const ADVICE = 'submilli-recommendations-panel';

/** What is on the first screen, and asks Prometheus: up to the second heading. */
const firstScreen = (uid: string): readonly Panel[] => {
  const [, ...rest] = committed(uid);
  return rest.slice(0, rest.findIndex(({ type }) => type === 'row')).filter(({ type }) => type !== ADVICE);
};

let browser: Browser;
let watched: Watched;
let dashboard: DashboardPage;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => watched.close());

const open = async (size: Size = 'wide'): Promise<Watched> => {
  watched = await openPage(browser, size);
  watched.page.setDefaultTimeout(90_000);
  dashboard = dashboardPage(watched.page, base);
  return watched;
};

const openRows = async (uid: string): Promise<void> => {
  const closed = committed(uid).filter(({ type, panels = [] }) => type === 'row' && panels.length > 0);
  for (const { title } of closed.toReversed()) await dashboard.row(title).click();
};

describe.each(dashboards)('%s', (uid, title) => {
  it('shows live data to its end, closed rows too, without an error or a complaint, and asks nobody else', async () => {
    const { page, complaints, strangers } = await open();
    await dashboard.goto(uid, { from: 'now-15m' });
    await dashboard.heading(title).waitFor();
    await dashboard.settled();
    await shoot(page, `dashboard-${uid}`);
    await openRows(uid);
    const seen = new Set<string>();
    await dashboard.scrollThrough(async () => {
      await dashboard.settled();
      for (const one of await dashboard.panels().all()) seen.add((await one.getAttribute('data-testid')) ?? '');
      expect(await dashboard.errors().count()).toBe(0);
    });
    const titles = committed(uid).flatMap((one) => (one.type === 'row' ? (one.panels ?? []) : [one]));
    expect([...seen].toSorted()).toEqual(titles.map((one) => `data-testid Panel header ${one.title}`).toSorted());
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  });

  it('is light, and narrow, without being wider than the screen', async () => {
    const { page, complaints } = await open('narrow');
    await dashboard.goto(uid, { theme: 'light', from: 'now-15m' });
    await dashboard.settled();
    await shoot(page, `dashboard-${uid}-light-narrow`);
    expect(complaints).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('says in each panel that Prometheus gives no answer', async () => {
    const { page } = await open();
    await dashboard.goto(uid, { fault: 'prometheus:down' });
    for (const { title: panel } of firstScreen(uid)) {
      await dashboard.panel(panel).getByText('Prometheus gives no answer').waitFor();
    }
    await shoot(page, `dashboard-${uid}-down`);
  });

  it('says in each panel what it means that there is no value', async () => {
    const { page } = await open();
    await dashboard.goto(uid, { fault: 'prometheus:empty' });
    for (const { title: panel, fieldConfig } of firstScreen(uid)) {
      const { noValue = '' } = fieldConfig?.defaults ?? {};
      expect(noValue).not.toBe('');
      await dashboard.panel(panel).getByText(noValue, { exact: true }).first().waitFor();
    }
    await shoot(page, `dashboard-${uid}-empty`);
  });
});

describe('what is looked at', () => {
  it('is what is asked for: a choice goes into the URL and into each query', async () => {
    const { page } = await open();
    await dashboard.goto('database-performance');
    await dashboard.settled();
    const asked = page.waitForRequest((request) => (request.postData() ?? '').includes('target=~\\"pg1\\"'));
    await dashboard.choose('Server', 'pg1');
    await asked;
    await page.waitForURL((url) => url.searchParams.get('var-target') === 'pg1');
  });

  it('goes along to the other dashboards, and into the app', async () => {
    const { page } = await open();
    await dashboard.goto('database-performance', { from: 'now-15m', to: 'now', 'var-database': 'grandmodel' });
    await dashboard.link('Query performance').click();
    await dashboard.heading('Query performance').waitFor();
    const params = () => new URL(page.url()).searchParams;
    expect([params().get('from'), params().get('var-database')]).toEqual(['now-15m', 'grandmodel']);
    await dashboard.link('Queries in the app').click();
    await page.getByRole('region', { name: 'Statements' }).waitFor();
    expect([params().get('from'), params().get('var-database')]).toEqual(['now-15m', 'grandmodel']);
  });

  it('is in a row: a click on a database opens its dashboard, on a statement the app’s page about it', async () => {
    const { page } = await open();
    await dashboard.goto('fleet-overview', { from: 'now-15m', to: 'now' });
    await dashboard.panel('Clusters and their databases').getByRole('link', { name: 'grandmodel', exact: true }).click();
    await dashboard.heading('Database performance').waitFor();
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('from'), searchParams.get('var-cluster'), searchParams.get('var-database')]).toEqual([
      ...['now-15m', 'grandmodel', 'grandmodel'],
    ]);
    await dashboard.goto('query-performance', { from: 'now-15m', to: 'now' });
    await dashboard.panel('Statements that take most time').getByRole('link').first().click();
    await page.getByRole('heading', { name: /^Statement / }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/\/queries\/pg\d\/\w+\/-?\d+$/);
  });

  it('has the last failover marked in it', async () => {
    const { page } = await open();
    await dashboard.goto('high-availability', { from: 'now-1h' });
    await dashboard.panel('Replication lag in time, by stage').getByTitle(/^Promotion in grandmodel, /).first().waitFor();
    await shoot(page, 'dashboard-annotation');
  });
});

describe('dashboards', () => {
  it('are listed, and reached from there', async () => {
    const { page } = await open();
    await page.goto(`${base}/dashboards`);
    for (const [uid, title] of dashboards) {
      expect(await page.getByRole('link', { name: title }).first().getAttribute('href')).toBe(`/d/${uid}`);
    }
    await page.getByRole('link', { name: 'Fleet overview' }).first().click();
    await dashboard.heading('Fleet overview').waitFor();
  });

  it('that there are not are not found', async () => {
    const { page } = await open();
    await dashboard.goto('nothing');
    await dashboard.heading('Dashboard not found').waitFor();
    await page.getByText('There is no dashboard with the uid “nothing”.').waitFor();
  });
});
