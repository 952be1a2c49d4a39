import type { Locator, Page } from 'playwright-core';

const ROOT = '/a/submilli-postgresql-app';

export const pageNames = ['overview', 'health', 'latency', 'queries', 'advice', 'high-availability'] as const;
export type PageName = (typeof pageNames)[number];

/** What is on a page when it has loaded, by what a user would look for. Works in Grafana and in the preview. */
const landmarks: Readonly<Record<PageName, (page: Page) => Locator>> = {
  overview: (page) => page.getByRole('heading', { name: 'Databases' }),
  health: (page) => page.getByTestId('score').first(),
  latency: (page) => page.getByRole('heading', { name: 'Distribution over time' }),
  queries: (page) => page.getByRole('region', { name: 'Statements' }),
  advice: (page) => page.getByTestId('recommendation').first(),
  'high-availability': (page) => page.getByRole('heading', { name: 'Failover history' }),
};

/** The app as its users have it before them. */
export const appPages = (page: Page, base: string) => ({
  goto: (path: string, params: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams(params).toString();
    return page.goto(`${base}${ROOT}/${path}${query === '' ? '' : `?${query}`}`);
  },
  landmark: (name: PageName): Locator => landmarks[name](page),
  trouble: (exporter: string): Locator => page.getByTestId(`trouble-${exporter}`),
  recommendations: (): Locator => page.getByTestId('recommendation'),
  loading: (): Locator => page.getByRole('status', { name: 'Loading' }),
  path: (): string => new URL(page.url()).pathname.slice(ROOT.length),
  param: (name: string): string | null => new URL(page.url()).searchParams.get(name),
  /** Waits: what is chosen reaches the URL a moment later. */
  hasParam: (name: string, value: string | null): Promise<void> =>
    page.waitForURL((url) => url.searchParams.get(name) === value, { waitUntil: 'commit' }),
});

export type AppPages = ReturnType<typeof appPages>;
