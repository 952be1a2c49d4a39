import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type AppPages, appPages } from '../pages/app';

export const base = process.env.PREVIEW_URL ?? 'http://127.0.0.1:3000';
const artifacts = join(__dirname, '..', '..', 'artifacts');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });

export const sizes = { wide: { width: 1920, height: 1080 }, narrow: { width: 390, height: 844 } } as const;
export type Size = keyof typeof sizes;

/** A page that is watched: what it complains of, and whom it asks. */
export type Watched = {
  readonly page: Page;
  readonly app: AppPages;
  readonly complaints: readonly string[];
  readonly strangers: readonly string[];
  readonly close: () => Promise<void>;
};

/** Somebody who has stored nothing yet is told so by 404, which browsers complain of by themselves. */
const isExpected = (url: string): boolean => url.includes('/user-storage/');

export const openPage = async (browser: Browser, size: Size = 'wide'): Promise<Watched> => {
  const context = await browser.newContext({
    viewport: sizes[size],
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  const strangers: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.location().url)) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith('data:') && !url.startsWith('blob:')) strangers.push(url);
  });
  return { page, app: appPages(page, base), complaints, strangers, close: () => context.close() };
};

export const shoot = async (page: Page, name: string): Promise<void> => {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`) });
};

/** Grafana's own controls of time and refresh, and the menus of its panels, are Grafana's to make better. */
const notOurs = ['TimePicker', 'RefreshPicker', 'Panel header', 'template variable'].map(
  (name) => `[data-testid^="data-testid ${name}"]`,
);

/** Serious and critical violations of accessibility rules within the app's own part of the page. */
export const violations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe);
  return page.evaluate(async (exclude) => {
    type Found = { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string }[] };
    const { run } = (globalThis as unknown as { axe: { run: (where: object) => Promise<{ violations: Found[] }> } })
      .axe;
    const { violations: found } = await run({ include: ['main'], exclude });
    return found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200) ?? ''}`);
  }, notOurs);
};
