import type { Browser } from 'playwright-core';
import { pageNames } from '../pages/app';
import { base, openBrowser, openPage, shoot, type Size, violations, type Watched } from './browser';

jest.setTimeout(120_000);

let browser: Browser;
let watched: Watched;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => watched.close());

const looks = (['dark', 'light'] as const).flatMap((theme) =>
  (['wide', 'narrow'] as const).map((size) => [theme, size] as const),
);

describe.each(looks)('in %s, %s', (theme, size: Size) => {
  it.each(pageNames)('%s shows live data, accessible, without a complaint, and asks nobody else', async (name) => {
    watched = await openPage(browser, size);
    const { page, app, complaints, strangers } = watched;
    await app.goto(name, { theme });
    await app.landmark(name).waitFor();
    await app.loading().first().waitFor({ state: 'hidden' });
    await page.waitForLoadState('networkidle');
    await shoot(page, `${name}-${theme}-${size}`);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
    // Nothing is wider than the screen but what can be scrolled by itself.
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('the panels show live data, accessible, without a complaint, and ask nobody else', async () => {
    watched = await openPage(browser, size);
    const { page, complaints, strangers } = watched;
    await page.goto(`${base}/panels?theme=${theme}`);
    await page.getByRole('img', { name: /^Latency over time: half within/ }).waitFor();
    await page.getByRole('heading', { name: 'Recommendations' }).waitFor();
    await page.getByTestId('recommendation').first().waitFor();
    await page.waitForLoadState('networkidle');
    await shoot(page, `panels-${theme}-${size}`);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  });
});
