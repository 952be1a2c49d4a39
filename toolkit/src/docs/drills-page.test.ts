import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable, replaceTable } from '../drill/report/markdown';
import { readReports } from '../drill/report/store';

const docs = join(__dirname, '..', '..', '..', 'docs');
const page = readFileSync(join(docs, 'drills.md'), 'utf8');
const reports = readReports(join(docs, 'drills.json'));

describe('the page on drills', () => {
  it('has the table that the kept figures make', () => {
    expect(replaceTable(page, markdownTable(reports), 'docs/drills.md')).toBe(page);
  });

  it('has no figure of a cluster with the fixes that lost a write', () => {
    const fixed = reports.filter(({ configuration }) => configuration.fence !== null);
    expect(fixed.filter(({ summary }) => summary.lost > 0 || summary.splitBrains > 0)).toEqual([]);
    expect(fixed.length).toBeGreaterThan(0);
  });
});
