import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadReport } from '../load/report/schema';
import { checkout } from '../stack/layout';
import { loadPage } from './load-page';

const read = (name: string): string => readFileSync(join(checkout, 'docs', name), 'utf8');
const report = loadReport.parse(JSON.parse(read('load-report.json')));

describe('the load report of the documentation (else: npm run docs)', () => {
  it.each(Object.entries(loadPage(report)))('has in %s what the kept figures make', (name, text) => {
    expect(read(name)).toBe(text);
  });

  it('is of a minute with fifty clients, both ways, each with all that was asked for', () => {
    expect(report).toMatchObject({ clients: 50, seconds: 60, profile: { name: 'trading' }, rate: null });
    expect(report.paths.map(({ via }) => via)).toEqual(['direct', 'pool']);
    for (const { latency } of report.paths) expect(latency.quantiles.map(({ seconds }) => seconds)).not.toContain(null);
  });

  it('has pictures that fetch nothing, and no number that is none', () => {
    for (const text of Object.values(loadPage(report))) expect(text).not.toMatch(/NaN|Infinity|undefined|url\(/);
  });
});
