import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { alerts } from '../../src';
import { files } from '../../src/groups';
import { room, run } from './tools';

type Config = {
  readonly receivers: readonly { readonly name: string }[];
  readonly inhibit_rules: readonly Readonly<
    Record<'source_matchers' | 'target_matchers', readonly string[]> & { readonly equal?: readonly string[] }
  >[];
};
type Rule = { readonly alert?: string; readonly labels?: Readonly<Record<string, string>> };
type RulesFile = { readonly groups: readonly { readonly rules: readonly Rule[] }[] };

const matches = ({ alert = '', labels }: Rule, matchers: readonly string[]): boolean =>
  matchers.every((matcher) => {
    const [, name = '', operator = '', value = ''] = /^(\w+)(=~|!~|!=|=)"(.*)"$/.exec(matcher) ?? [];
    const held = name === 'alertname' ? alert : (labels?.[name] ?? '');
    const isIt = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(held) : held === value;
    return isIt === !operator.startsWith('!');
  });

/** Pairs of one group of rules, which are evaluated one after the other. */
const heardTooLate = (
  { source_matchers, target_matchers, equal = [] }: Config['inhibit_rules'][number],
  rules: readonly Rule[],
): readonly string[] =>
  rules.flatMap((target, at) =>
    rules
      .slice(at + 1)
      .filter((source) => matches(source, source_matchers) && matches(target, target_matchers))
      .filter((source) => !equal.includes('alertname') || source.alert === target.alert)
      .map((source) => `${source.alert ?? ''} after ${target.alert ?? ''}`),
  );

const text = readFileSync(join(room, 'alertmanager.yml'), 'utf8');
const config = parse(text) as Config;

describe('Alertmanager', () => {
  it('takes its configuration and its templates', () => {
    const { status, output } = run('amtool', 'check-config', 'alertmanager.yml');
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining('1 templates') as string });
  });

  it.each([
    ['page', 'alertname=PostgresDown severity=critical component=postgresql cluster=c'],
    ['page', 'alertname=PatroniNoLeader severity=critical component=patroni cluster=c'],
    ['page', 'alertname=DatabaseQueryLatencyHigh severity=critical component=query cluster=c'],
    ['database', 'alertname=DatabaseConnectionUtilizationHigh severity=warning component=postgresql'],
    ['database', 'alertname=SomethingNew'],
    ['developers', 'alertname=DatabaseStatementsRegressed severity=warning component=query'],
    ['record', 'alertname=PostgresRestarted severity=info component=postgresql'],
    ['heartbeat', 'alertname=Watchdog severity=info component=exporter'],
  ])('tells %s of %s', (receiver, labels) => {
    const { status, output } = run(
      'amtool',
      ...['config', 'routes', 'test', '--config.file=alertmanager.yml', `--verify.receivers=${receiver}`],
      ...labels.split(' '),
    );
    expect({ status, output }).toMatchObject({ status: 0 });
  });

  it('would not tell another', () => {
    const wrong = ['--config.file=alertmanager.yml', '--verify.receivers=database', 'severity=critical'];
    expect(run('amtool', 'config', 'routes', 'test', ...wrong).status).not.toBe(0);
  });

  it('has no receiver that nothing leads to', () => {
    const { output } = run('amtool', 'config', 'routes', 'show', '--config.file=alertmanager.yml');
    for (const { name } of config.receivers) expect(output).toContain(`receiver: ${name}`);
  });

  it('spares people only for alerts that there are', () => {
    const known = new Set(alerts.map(({ name }) => name));
    const named = config.inhibit_rules
      .flatMap(({ source_matchers, target_matchers }) => [...source_matchers, ...target_matchers])
      .filter((matcher) => matcher.startsWith('alertname'))
      .flatMap((matcher) => (/"(.*)"/.exec(matcher)?.[1] ?? '').split('|'));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('hears first of what spares people, then of what they are spared', () => {
    const late = files.flatMap(({ name, groups }) => {
      const { groups: written } = parse(readFileSync(join(room, `${name}.rules.yml`), 'utf8')) as RulesFile;
      expect(written).toHaveLength(groups.length);
      return written.flatMap(({ rules }) => config.inhibit_rules.flatMap((rule) => heardTooLate(rule, rules)));
    });
    expect(late).toEqual([]);
  });

  it('holds no secret: all are read from files', () => {
    expect(text).not.toMatch(/(password|key|api_url|token): \S/);
    expect(text.match(/_file: \S+/g)?.length).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ['firing', 'CRITICAL: PostgreSQL pg1 does not answer, c'],
    ['resolved', 'Over: PostgreSQL pg1 does not answer, c'],
  ])('writes what a person can read when it is %s', (status, title) => {
    const alert = {
      status,
      labels: { alertname: 'PostgresDown', cluster: 'c', severity: 'critical' },
      annotations: {
        summary: 'PostgreSQL pg1 does not answer',
        description: 'No answer for a minute.',
        dashboard_url: 'http://grafana/d/database-performance',
        advice_url: 'http://grafana/a/advice',
        runbook_url: 'http://runbooks/PostgresDown.md',
      },
      startsAt: '2026-01-02T03:04:05Z',
    };
    const data = {
      status,
      alerts: [alert],
      groupLabels: { alertname: 'PostgresDown' },
      commonLabels: alert.labels,
      commonAnnotations: alert.annotations,
    };
    const folder = mkdtempSync(join(tmpdir(), 'submilli-template-'));
    writeFileSync(join(folder, 'data.json'), JSON.stringify(data));
    const render = (name: string): string =>
      run(
        'amtool',
        ...['template', 'render', '--template.glob=templates/*.tmpl', `--template.data=${join(folder, 'data.json')}`],
        `--template.text={{ template "${name}" . }}`,
      ).output;
    expect(render('submilli.title').trim()).toBe(title);
    expect(render('submilli.color').trim()).toBe(status === 'resolved' ? 'good' : 'danger');
    expect(render('submilli.text').trim().split('\n')).toEqual([
      `${status === 'resolved' ? 'Over: ' : ''}No answer for a minute.`,
      'What to do: http://grafana/a/advice',
      'Look: http://grafana/d/database-performance',
      'Runbook: http://runbooks/PostgresDown.md',
      'Since 2026-01-02 03:04:05 UTC',
    ]);
    rmSync(folder, { recursive: true });
  });
});
