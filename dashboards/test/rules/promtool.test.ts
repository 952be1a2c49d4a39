import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutMacros } from '../../../catalogue/test/promql';
import { dashboards } from '../../src';
import { appQuestions } from '../app-questions';
import { allExpressions } from '../lint';

describe('Prometheus', () => {
  it('can read every expression of the dashboards and of the app', () => {
    const asked = appQuestions({ from: 0, to: 3_600_000, cluster: 'c', database: 'a "quoted" one' });
    const found = [...dashboards.flatMap(allExpressions), ...asked].map(({ expr }) => withoutMacros(expr));
    expect(asked.length).toBeGreaterThan(30);
    const all = [...new Set(found)].map((expr, i) => ({ record: `check:${i}`, expr }));
    const place = mkdtempSync(join(tmpdir(), 'submilli-dashboards-'));
    const file = join(place, 'rules.json');
    // YAML is a superset of JSON.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules: all }] }));
    try {
      const said = execFileSync('promtool', ['check', 'rules', '--lint=none', file], { encoding: 'utf8' });
      expect(said).toContain(`${all.length} rules found`);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
