import type { Browser } from 'playwright-core';
import { openBrowser, openPage, shoot, type Watched } from './browser';

jest.setTimeout(120_000);

let browser: Browser;
let watched: Watched;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  watched = await openPage(browser);
});
afterEach(() => watched.close());

describe('from the overview, in at most three clicks', () => {
  it('is the statement that hurts the P99 most', async () => {
    const { page, app } = watched;
    await app.goto('overview');
    await page.getByRole('region', { name: 'What makes the tail' }).getByRole('link').first().click();
    await page.getByRole('heading', { name: /^Statement / }).waitFor();
    await page.getByRole('heading', { name: 'Latency by the server’s log' }).waitFor();
    expect(app.path()).toMatch(/^\/queries\/pg\d\/\w+\/-?\d+$/);
    await page.waitForLoadState('networkidle');
    await shoot(page, 'journey-statement');
  });

  it('is the advice that fixes something, with its proven gain, to copy', async () => {
    const { page, app } = watched;
    await app.goto('advice', { text: 'missing-index' });
    await app.recommendations().first().getByRole('link').click();
    await page.getByRole('heading', { name: 'What it changes' }).waitFor();
    expect(await page.getByText('Before', { exact: true }).count()).toBe(1);
    await page.getByRole('button', { name: /^Copy/ }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain('CREATE INDEX CONCURRENTLY');
    await shoot(page, 'journey-advice');
  });

  it('is when and why the last failover happened', async () => {
    const { page, app } = watched;
    await app.goto('overview');
    await page.getByRole('link', { name: 'When and why' }).click();
    await app.landmark('high-availability').waitFor();
    const last = page.getByRole('region', { name: 'Failover history' }).getByRole('listitem').first();
    await last.waitFor();
    // Seen by the exporter, with who and why; else as Patroni's history has it.
    expect(await last.innerText()).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (from pg\d to pg\d|pg\d was away and came back|timeline \d+ ended): .+/,
    );
    await shoot(page, 'journey-failover');
  });
});

describe('what is looked at', () => {
  it('is in the URL: it survives a reload, can be sent, and is a step back away', async () => {
    const { page, app } = watched;
    await app.goto('queries');
    await app.landmark('queries').waitFor();
    await page.getByRole('button', { name: 'Calls' }).click();
    await app.hasParam('sort', '-calls');
    await page.getByLabel('Words').fill('select');
    await app.hasParam('text', 'select');
    await page.reload();
    await app.landmark('queries').waitFor();
    expect(await page.getByRole('columnheader', { name: 'Calls' }).getAttribute('aria-sort')).toBe('descending');
    expect(await page.getByLabel('Words').inputValue()).toBe('select');
    await page.goBack();
    await app.hasParam('sort', null);
  });

  it('takes time, cluster and database along to other pages', async () => {
    const { page, app } = watched;
    await app.goto('overview', { from: 'now-15m', to: 'now' });
    await page.getByRole('link', { name: 'grandmodel', exact: true }).first().click();
    await app.landmark('health').waitFor();
    expect([app.param('from'), app.param('var-database')]).toEqual(['now-15m', 'grandmodel']);
  });

  it('is reached with the keyboard alone', async () => {
    const { page, app } = watched;
    await app.goto('overview');
    const link = page.getByRole('link', { name: 'grandmodel', exact: true }).first();
    await link.waitFor();
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press('Tab');
      if (await link.evaluate((element) => element === document.activeElement)) break;
    }
    await page.keyboard.press('Enter');
    await app.landmark('health').waitFor();
    expect(app.path()).toBe('/health');
  });
});

describe('advice', () => {
  it('is acknowledged for the team by an editor, and opened again', async () => {
    const { page, app } = watched;
    await app.goto('advice', { role: 'Editor' });
    await app.recommendations().last().getByRole('link').click();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Why (optional)').fill('seen in a test');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('acknowledged by editor').first().waitFor();
    await page.reload();
    await page.getByText('acknowledged by editor').first().waitFor();
    await page.getByRole('button', { name: 'Reopen' }).click();
    await page.getByText('Nothing is run from here', { exact: false }).waitFor();
    await page.getByRole('alert').filter({ hasText: 'acknowledged by editor' }).waitFor({ state: 'hidden' });
  });

  it('is put aside by a viewer for himself, and for nobody else', async () => {
    const { page, app } = watched;
    await app.goto('advice', { role: 'Viewer' });
    await app.landmark('advice').waitFor();
    // Two servers may be told the same: it is known by where it leads, not by what it says.
    const own = await app.recommendations().last().getByRole('link').getAttribute('href');
    const link = page.locator(`a[href^="${own?.replace(/\?.*$/, '') ?? ''}"]`);
    await link.click();
    await page.getByRole('button', { name: 'Snooze' }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('button', { name: 'Show me again' }).waitFor();
    await app.goto('advice', { role: 'Viewer' });
    await app.landmark('advice').waitFor();
    expect(await link.count()).toBe(0);
    await app.goto('advice', { role: 'Viewer', aside: 'show' });
    await link.click();
    await page.getByRole('button', { name: 'Show me again' }).click();
    await page.getByRole('button', { name: 'Show me again' }).waitFor({ state: 'hidden' });
  });
});

describe('what does not work', () => {
  it('is said of an exporter that is down; the rest of the page works', async () => {
    const { page, app } = watched;
    await app.goto('overview', { fault: 'query:down' });
    await app.trouble('query').waitFor();
    await app.landmark('overview').waitFor();
    expect(await page.getByRole('link', { name: 'grandmodel', exact: true }).count()).toBeGreaterThan(0);
    expect(await app.recommendations().count()).toBeGreaterThan(0);
    await shoot(page, 'state-exporter-down');
  });

  it('is said of an answer that is garbage', async () => {
    const { app } = watched;
    await app.goto('queries', { fault: 'query:garbage' });
    await app.trouble('query').waitFor();
    expect(await app.trouble('query').innerText()).toContain('not what this version of the app knows');
  });

  it('is said when permission is missing', async () => {
    const { page, app } = watched;
    await app.goto('advice', { fault: '*:denied' });
    await app.trouble('query').waitFor();
    expect(await app.trouble('query').innerText()).toContain('Your role does not allow this');
    await shoot(page, 'state-no-permission');
  });

  it('is said of Prometheus, while the exporters still tell what they know', async () => {
    const { page, app } = watched;
    await app.goto('overview', { fault: 'prometheus:down' });
    await page.getByText('Prometheus gives no answer', { exact: true }).waitFor();
    await app.recommendations().first().waitFor();
    await shoot(page, 'state-prometheus-down');
  });

  it('is an empty page with a hint when nothing is measured, and a skeleton while it is not known', async () => {
    const { page, app } = watched;
    await app.goto('overview', { fault: 'prometheus:empty,query:slow,database:slow' });
    await app.loading().first().waitFor();
    await shoot(page, 'state-loading');
    await page.getByText('No database has a score').waitFor();
    await shoot(page, 'state-empty');
  });
});

describe('the configuration', () => {
  const configuration = '../../plugins/submilli-postgresql-app';

  it('is tested by asking everything, and says what each answers', async () => {
    const { page, app } = watched;
    await app.goto(configuration);
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByTestId('outcome-Prometheus').waitFor();
    expect(await page.getByTestId('outcome-Prometheus').innerText()).toContain('6 of 6 targets are up');
    expect(await page.getByTestId('outcome-query').innerText()).toMatch(/version \d+\.\d+\.\d+, 2 targets, all up/);
    await shoot(page, 'configuration');
  });

  it('refuses a secret in an address', async () => {
    const { page, app } = watched;
    await app.goto(configuration);
    await page.getByLabel('Address of the query exporter').fill('http://user:secret@host:9093');
    await page.getByText('No user and password here').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  });

  it('is for administrators', async () => {
    const { page, app } = watched;
    await app.goto(configuration, { role: 'Viewer' });
    await page.getByText('Only administrators configure plugins').waitFor();
  });
});
