import type { Locator, Page } from 'playwright-core';

export const dashboards = [
  ['fleet-overview', 'Fleet overview'],
  ['database-performance', 'Database performance'],
  ['query-performance', 'Query performance'],
  ['connection-pool', 'Connection pool'],
  ['high-availability', 'High availability'],
] as const;
export type Uid = (typeof dashboards)[number][0];

/** A dashboard as somebody has it before them. */
export const dashboardPage = (page: Page, base: string) => {
  const panels = (): Locator => page.locator('section[data-testid^="data-testid Panel header"]');
  const panel = (title: string): Locator => page.getByTestId(`data-testid Panel header ${title}`);
  return {
    panels,
    panel,
    /** Not asked anew by itself: a busy machine would never come to an end. */
    goto: (uid: string, params: Readonly<Record<string, string>> = {}) =>
      page.goto(`${base}/d/${uid}?${new URLSearchParams({ refresh: '1d', ...params }).toString()}`),
    heading: (title: string): Locator => page.getByRole('heading', { level: 1, name: title }),
    /** A row's heading, which opens and closes it. */
    row: (title: string): Locator => page.getByRole('button', { name: new RegExp(`(Expand|Collapse) row with title ${title}`) }),
    link: (name: string): Locator => page.getByRole('navigation', { name: 'Links of the dashboard' }).getByRole('link', { name }),
    /** What Grafana says of a panel whose query failed. */
    errors: (): Locator => page.getByTestId('data-testid Panel status error'),
    /** Until nothing is being asked, in what can be seen. */
    settled: async (): Promise<void> => {
      await panels().first().waitFor();
      await page.waitForFunction(
        () =>
          document.querySelectorAll('[aria-label="Panel loading bar"], [aria-busy="true"]').length === 0 &&
          document.querySelectorAll('section[data-testid^="data-testid Panel header"]').length > 0,
        undefined,
        { polling: 250 },
      );
    },
    /** Down to the end, a screen at a time: what has not been seen has not been asked for. */
    scrollThrough: async (look: () => Promise<void>): Promise<void> => {
      for (let y = 0; ; y += 800) {
        await page.evaluate((top) => scrollTo(0, top), y);
        await look();
        if (await page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1)) return;
      }
    },
  };
};

export type DashboardPage = ReturnType<typeof dashboardPage>;
