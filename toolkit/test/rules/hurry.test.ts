import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alerts } from '@submilli/alert-rules';
import { parse } from 'yaml';
import { faults, unreal } from '../e2e/alerts/acts';
import { hurriedRules } from '../e2e/alerts/hurry';
import { lowered } from '../e2e/alerts/lowered';
import { alertmanagerFor, generatedRules } from '../e2e/alerts/set-forward';

type Rule = Readonly<Record<string, unknown>> & {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
};

const rulesIn = (texts: ReadonlyMap<string, string>): readonly Rule[] =>
  [...texts.values()].flatMap((text) =>
    (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules),
  );

const hurried = hurriedRules(generatedRules(), lowered);
const pairs = rulesIn(generatedRules()).map((before, i) => [before, rulesIn(hurried)[i]] as const);

const check = (program: 'promtool' | 'amtool', args: readonly string[], files: ReadonlyMap<string, string>) => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-hurry-'));
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  const { error, status, stdout, stderr } = spawnSync(program, [...args, ...files.keys()], {
    cwd: folder,
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  if (error !== undefined) throw new Error(`cannot run ${program}: npx submilli packages --for test`, { cause: error });
  return { status, output: status === 0 ? '' : `${stdout}${stderr}` };
};

/** A rule without its times: all that may be different. */
const timeless = ({ for: _, keep_firing_for: __, ...rule }: Rule): object => ({
  ...rule,
  expr: rule.expr.replaceAll(/\[\w+\]/g, '[]'),
});

describe('the rules with the clock set forward', () => {
  it('are what they were but for times, and the thresholds in the table', () => {
    for (const [before, after] of pairs) {
      const own = lowered.filter(({ rule }) => rule === (before.alert ?? before.record));
      const expr = own.reduce((text, { from, to }) => text.replace(new RegExp(`${from}(?![\\w.])`), to), before.expr);
      expect(after && timeless(after)).toEqual(timeless({ ...before, expr }));
    }
  });

  it('wait a sixtieth of the time', () => {
    const waits = pairs
      .filter(([before]) => before.for !== undefined)
      .map(([before, after]) => [before.for, after?.for]);
    expect(new Set(waits.map(String))).toEqual(
      new Set([
        '30s,500ms',
        '1m,1000ms',
        '90s,1500ms',
        '2m,2000ms',
        '5m,5000ms',
        '10m,10000ms',
        '15m,15000ms',
        '30m,30000ms',
        '1h,60000ms',
        '3h,180000ms',
        '1d,1440000ms',
      ]),
    );
  });

  it('are taken by promtool, and the notifications of the test by amtool', () => {
    expect(check('promtool', ['check', 'rules'], hurried)).toEqual({ status: 0, output: '' });
    const config = new Map([['alertmanager.yml', alertmanagerFor('http://127.0.0.1:1')]]);
    expect(check('amtool', ['check-config'], config)).toEqual({ status: 0, output: '' });
  });

  it('are refused if a threshold in the table is not there', () => {
    const wrong = { rule: 'PostgresDown', from: '> 5', to: '> 1', because: 'nothing' };
    expect(() => hurriedRules(generatedRules(), [wrong])).toThrow('PostgresDown has no "> 5"');
  });
});

describe('every alert', () => {
  const raised = faults.flatMap(({ raises }) => raises);
  const names = alerts.map(({ name }) => name);

  it('is raised by a real fault and told, or it is said why not', () => {
    const told = new Set(raised.filter(({ inhibitedBy }) => inhibitedBy === undefined).map(({ name }) => name));
    expect(names.filter((name) => name !== 'Watchdog' && !told.has(name) && unreal[name] === undefined)).toEqual([]);
    expect(Object.keys(unreal).filter((name) => told.has(name))).toEqual([]);
  });

  it('that is raised, or excused, or spares people another, is one that there is', () => {
    const named = [
      ...raised.flatMap(({ name, inhibitedBy }) => [name, ...(inhibitedBy === undefined ? [] : [inhibitedBy])]),
      ...Object.keys(unreal),
    ];
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});
