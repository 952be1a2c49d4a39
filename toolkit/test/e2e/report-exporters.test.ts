import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningExporter } from '@submilli/core';
import type { Report } from '../../src/report/model';
import { exportersOfFortnight } from './history/exporters';
import { DAY, fourWeeks, HOUR, momentsOf } from './history/fortnight';
import { freePort, type LivePrometheus, startPrometheus } from './history/prometheus';

jest.setTimeout(300_000);

const end = Math.floor(Date.now() / 1000 / HOUR) * HOUR - HOUR;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const folder = mkdtempSync(join(tmpdir(), 'submilli-report-exporters-'));

let prometheus: LivePrometheus;
let exporters: RunningExporter[];

/** The exporters are in this process: it may not be waited for without letting them answer. */
const report = (...args: string[]): Promise<{ status: number | null; out: string; said: string }> =>
  new Promise((resolve) => {
    const bin = join(__dirname, '..', '..', 'bin', 'submilli.js');
    const child = spawn(process.execPath, [bin, 'report', '--prometheus', prometheus.url, '--end', iso(end), ...args]);
    let [out, said] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('close', (status) => resolve({ status, out, said }));
  });
const asking = (of: readonly { readonly url: string }[]): string[] => of.flatMap(({ url }) => ['--exporter', url]);

beforeAll(async () => {
  prometheus = await startPrometheus(fourWeeks(end));
  exporters = await exportersOfFortnight(end, null);
});
afterAll(() => Promise.all([prometheus.stop(), ...exporters.map((one) => one.close())]));

describe('what the exporters add to a report', () => {
  let weekly: Report;
  beforeAll(async () => {
    const { status, out } = await report('--json', ...asking(exporters));
    expect(status).toBe(0);
    weekly = JSON.parse(out) as Report;
  });

  it('is what was newly advised and what was closed in the week, by title, and nothing older', () => {
    expect(weekly.advice?.opened).toMatchObject([
      {
        ...{ target: 'pg1', rule: 'missing-index', severity: 'critical', state: 'open' },
        ...{ title: 'trades <b>wants</b> an index', impact: 'time per call: 3.1 ms → 1 ms' },
      },
    ]);
    expect(weekly.advice?.closed).toMatchObject([{ title: 'orders wanted an index', state: 'resolved' }]);
    const closedAt = Date.parse(weekly.advice?.closed?.[0]?.at ?? '') / 1000;
    expect(closedAt).toBeGreaterThan(end - 3 * DAY);
    expect(closedAt).toBeLessThan(end - 3 * DAY + 3 * HOUR);
  });

  it('is what an index saved, by the mean times of its statements and their calls since', () => {
    const [saved, ...others] = weekly.advice?.saved ?? [];
    expect(others).toEqual([]);
    expect(saved).toMatchObject({
      ...{ database: 'trading', index: 'CREATE INDEX ON public.fills (order_id)', verdict: 'confirmed' },
      since: iso(end - 2 * DAY),
    });
    expect(saved?.meanBefore).toBeCloseTo(0.0031, 9);
    expect(saved?.meanSince).toBeCloseTo(0.0011, 9);
    // 2 ms of each of 100 000 calls in two days.
    expect(saved?.secondsPerDay).toBeCloseTo(100, 6);
  });

  it('is why the primary was lost, and how surely so long', () => {
    expect(weekly.failovers[0]?.failovers).toMatchObject([
      { at: iso(momentsOf(end).failover), from: 'pg2', to: 'pg1', cause: 'node-loss', planned: false, seconds: 4.2 },
    ]);
    expect(weekly.failovers[0]?.failovers[0]?.error).toBeCloseTo(0.2, 9);
  });

  it('is the text of a statement', () => {
    const texts = weekly.statements?.top.map(({ queryid, text }) => [queryid, text]);
    expect(texts).toContainEqual(['-1003', 'SELECT * FROM fills WHERE order_id = $1 AND note <> $2']);
    expect(texts).toContainEqual(['1001', null]);
  });

  it('is on the page and in Markdown, as text and not as markup', async () => {
    const page = (await report('--format', 'html', ...asking(exporters))).out;
    expect(page).toContain('trades &lt;b&gt;wants&lt;/b&gt; an index');
    expect(page).toContain('node-loss');
    expect(page).toMatch(/CREATE INDEX ON public\.fills \(order_id\).*3\.1 ms.*1\.1 ms.*2 min/s);
    expect(page).toContain('note &lt;&gt; $2');
    const markdown = (await report('--format', 'markdown', ...asking(exporters))).out;
    expect(markdown).toContain('orders wanted an index');
    expect(markdown).toContain('node-loss');
    expect(markdown).not.toContain('<b>');
  });
});

describe('without an exporter', () => {
  it('says who did not answer, and tells the rest', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const { status, out } = await report('--json', '--exporter', nobody);
    const weekly = JSON.parse(out) as Report;
    expect(status).toBe(0);
    expect(weekly.unknown.join('\n')).toMatch(/An exporter was asked in vain: .*ECONNREFUSED/);
    expect(weekly.advice).toMatchObject({ now: 2, opened: null, closed: null, saved: [] });
    expect(weekly.failovers[0]?.failovers).toMatchObject([{ cause: null, seconds: 4.2 }]);
  });

  it('that wants to know who asks, says what to give, and shows no secret', async () => {
    const web = join(folder, 'web.yml');
    // bcrypt of "hush"
    writeFileSync(web, 'basic_auth_users:\n  me: $2b$04$Ok6INQ4dhj/0e5Esq9tLkecsGXFAsyyMG51gnjszMa7J2BUHEniTu\n');
    const guarded = await exportersOfFortnight(end, web);
    try {
      const refused = await report('--json', ...asking(guarded));
      expect((JSON.parse(refused.out) as Report).unknown.join('\n')).toContain('give --exporter-user');
      const password = join(folder, 'password');
      writeFileSync(password, 'hush\n');
      const login = ['--exporter-user', 'me', '--exporter-password-file', password];
      const { out, said } = await report('--json', ...asking(guarded), ...login);
      expect((JSON.parse(out) as Report).failovers[0]?.failovers).toMatchObject([{ cause: 'node-loss' }]);
      expect(out + said).not.toContain('hush');
    } finally {
      await Promise.all(guarded.map((one) => one.close()));
    }
  });
});
