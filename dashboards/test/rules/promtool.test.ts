import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutMacros } from '../../../catalogue/test/promql';
import { dashboards } from '../../src';
import { allExpressions } from '../lint';

describe('Prometheus', () => {
  it('can read every expression of the dashboards', () => {
    const found = dashboards.flatMap((one) => allExpressions(one).map(({ expr }) => withoutMacros(expr)));
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
