import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { room, run } from './tools';

jest.setTimeout(300_000);

const names = (folder: string, ending: string): string[] =>
  readdirSync(join(room, folder)).filter((name) => name.endsWith(ending));

describe('Prometheus', () => {
  it('takes every rule without a remark', () => {
    const { status, output } = run(
      'promtool',
      'check',
      'rules',
      '--lint=all',
      '--lint-fatal',
      ...names('.', '.rules.yml'),
    );
    expect({ status, output }).toMatchObject({ status: 0, output: expect.not.stringContaining('FAILED') as string });
  });

  it.each(names('tests', '.test.yml'))('fires each alert when it should, and not before or after: %s', (name) => {
    const { status, output } = run('promtool', 'test', 'rules', `tests/${name}`);
    expect({ status, output }).toMatchObject({ status: 0 });
  });

  it('would fail a proof whose alert comes a moment late, or says something else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'submilli-proof-'));
    const proof = parse(readFileSync(join(room, 'tests', 'pgbouncer.test.yml'), 'utf8')) as {
      rule_files: string[];
      tests: { alert_rule_test: { eval_time: string; exp_alerts: { exp_annotations: Record<string, string> }[] }[] }[];
    };
    const rule_files = proof.rule_files.map((name) => join(room, 'tests', name));
    const outcomeOf = (change: (of: typeof proof) => void): number | null => {
      const changed = structuredClone({ ...proof, rule_files, tests: proof.tests.slice(0, 1) });
      change(changed);
      writeFileSync(join(folder, 'one.test.yml'), stringify(changed));
      return run('promtool', 'test', 'rules', join(folder, 'one.test.yml')).status;
    };
    const fires = proof.tests[0]?.alert_rule_test.findIndex(({ exp_alerts }) => exp_alerts.length > 0) ?? -1;
    expect(outcomeOf(() => undefined)).toBe(0);
    expect(
      outcomeOf(({ tests }) => {
        const check = tests[0]?.alert_rule_test[fires];
        if (check !== undefined) check.eval_time = `${Number.parseInt(check.eval_time, 10) - 15}s`;
      }),
    ).not.toBe(0);
    expect(
      outcomeOf(({ tests }) => {
        const said = tests[0]?.alert_rule_test[fires]?.exp_alerts[0]?.exp_annotations;
        if (said !== undefined) said.description = 'All is well.';
      }),
    ).not.toBe(0);
    rmSync(folder, { recursive: true });
  });
});
