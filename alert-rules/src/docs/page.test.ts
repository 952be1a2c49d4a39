import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../../../dashboards/test/lint';
import { checks } from '../../test/lint';
import { alerts } from '../groups';
import { rulesPage } from './page';
import { dashboardRules, ruleChecks } from './rules';

const root = join(__dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'dashboards-and-rules.md'), 'utf8');

describe('the page about dashboards and rules', () => {
  it('is what the sources say (else: npm run generate)', () => {
    expect(page).toBe(rulesPage());
  });

  it('has every level of every alert, with the page that says what to do', () => {
    for (const { name, levels } of alerts) {
      const link = `| [${name}](../alert-rules/runbooks/${name}.md) |`;
      expect({ name, rows: page.split(link).length - 1 }).toEqual({ name, rows: levels.length });
    }
  });

  it('says of every rule that is enforced what it refuses, and of no other', () => {
    expect(Object.keys(dashboardRules).toSorted()).toEqual(Object.keys(rules).toSorted());
    expect(Object.keys(ruleChecks).toSorted()).toEqual(Object.keys(checks).toSorted());
  });

  it('names files that are there', () => {
    const named = [...page.matchAll(/`((?:dashboards|alert-rules|catalogue)\/[\w./-]+\.ts)`/g)].map(
      ([, file = '']) => file,
    );
    expect(named.length).toBeGreaterThan(4);
    for (const file of named) expect({ file, there: existsSync(join(root, file)) }).toEqual({ file, there: true });
  });
});
