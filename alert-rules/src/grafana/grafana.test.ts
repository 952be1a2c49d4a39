import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { secondsOf } from '../durations';
import { alerts, recordings } from '../groups';
import { annotationsOf, labelsOf } from '../rules-file';
import type { ContactPoint, Policy } from './notifications';
import { DATA_SOURCE, type GrafanaGroup, type GrafanaRule, inGrafana, type Query, uidOf } from './rules';

const room = join(__dirname, '..', '..');
const read = (name: string): string => readFileSync(join(room, name), 'utf8');
/** As Grafana's parser takes it: YAML 1.1. */
const load = (name: string): unknown => parse(read(`grafana/${name}`), { version: '1.1' });

const schema = JSON.parse(read('test/fixtures/grafana-alerting-12.4.schema.json')) as object;
const check = new Ajv({ strict: false, allErrors: true }).compile(schema);
const problemsOf = (value: unknown): readonly string[] => {
  check(value);
  return (check.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
};

const { groups } = load('rules.yml') as { groups: readonly GrafanaGroup[] };
const rules = groups.flatMap((group) => group.rules);
const levels = alerts.flatMap((alert) => alert.levels.map((level) => ({ alert, level, uid: uidOf(alert, level) })));
const exprOf = ({ data }: GrafanaRule): string => (data[0]?.model as { expr: string }).expr;

type Notifications = {
  readonly contactPoints: readonly ContactPoint[];
  readonly policies: readonly Policy[];
  readonly templates: readonly { readonly template: string }[];
};
const notifications = load('notifications.yml') as Notifications;

describe('the files for Grafana', () => {
  it.each(['rules.yml', 'notifications.yml'])('have only what Grafana 12.4 reads: %s', (name) => {
    expect(problemsOf(load(name))).toEqual([]);
  });

  it.each<[string, (rule: GrafanaRule) => object]>([
    ['a name that only the API knows', (rule) => ({ ...rule, keep_firing_for: '5m' })],
    ['an identity that is too long', (rule) => ({ ...rule, uid: 'x'.repeat(41) })],
    ['a state that there is not', (rule) => ({ ...rule, noDataState: 'Ok' })],
    ['a dashboard without a panel', (rule) => ({ ...rule, dashboardUid: 'fleet-overview', panelId: undefined })],
    ['a range where one value is wanted', (rule) => ({ ...rule, data: ranged(rule.data) })],
  ])('are refused with %s', (_, change) => {
    const [group] = groups;
    const [first] = group?.rules ?? [];
    if (group === undefined || first === undefined) throw new Error('there is no rule');
    const changed = JSON.parse(JSON.stringify({ ...group, rules: [change(first)] })) as object;
    expect(problemsOf({ apiVersion: 1, groups: [changed] })).not.toEqual([]);
  });

  const ranged = (data: readonly Query[]): readonly object[] =>
    data.map((one) => ({ ...one, model: { ...one.model, range: true } }));

  it('hold nothing that Grafana would take for a variable of its environment', () => {
    for (const { uid, title, labels = {}, annotations = {} } of rules) {
      expect([uid, title, ...Object.values(labels)].join()).not.toContain('$');
      // In annotations and queries a "$" stands for itself, unless a brace follows.
      expect(Object.values(annotations).join()).not.toMatch(/\$\{|\$__/);
    }
    const texts = JSON.stringify([notifications.contactPoints, notifications.policies]);
    expect(texts.replaceAll(/\$__file\{\/etc\/grafana\/secrets\/[\w-]+\}/g, '')).not.toContain('$');
  });
});

describe('the rules for Grafana', () => {
  it('are every level of every alert, each once, and nothing that is recorded', () => {
    expect(rules.map(({ uid }) => uid).sort()).toEqual(levels.map(({ uid }) => uid).sort());
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
    const recorded = new Set(recordings.map(({ record }) => record));
    expect(rules.filter(({ title }) => recorded.has(title))).toEqual([]);
  });

  it('keep the identities that silences and links hang on', () => {
    expect(levels.filter(({ alert }) => alert.name === 'DatabaseLatencyBudgetBurn').map(({ uid }) => uid)).toEqual(
      ['crit-1h', 'crit-6h', 'warn-1d', 'warn-3d'].map((end) => `DatabaseLatencyBudgetBurn-${end}`),
    );
    expect(rules.map(({ uid }) => uid)).toEqual(
      expect.arrayContaining(['PostgresDown-crit', 'PostgresSessionsBlocked-warn', 'Watchdog-info']),
    );
  });

  it.each(levels)('ask, wait and say as the rule of Prometheus: $uid', ({ alert, level, uid }) => {
    const rule = rules.find((one) => one.uid === uid);
    if (rule === undefined) throw new Error(`there is no ${uid}`);
    expect(rule).toMatchObject({ title: alert.name, for: level.for, labels: labelsOf(alert, level) });
    expect(exprOf(rule)).toBe(level.expr);
    expect(rule.keepFiringFor).toBe(level.keepFiringFor);
    const back = Object.entries(rule.annotations ?? {}).map(([name, text]) => [
      name,
      text.replaceAll('$values.A.Value', '$value'),
    ]);
    expect(Object.fromEntries(back)).toEqual(annotationsOf(alert, level));
  });

  it.each(rules)('fire for whatever the expression finds: $uid', ({ condition, data, annotations = {} }) => {
    const refs = data.map(({ refId }) => refId);
    expect(data.map(({ model }) => model.refId)).toEqual(refs);
    expect(condition).toBe(refs.at(-1));
    const [asked, found, held] = data;
    expect(asked).toMatchObject({ datasourceUid: DATA_SOURCE, model: { datasource: { uid: DATA_SOURCE } } });
    expect(found?.model).toMatchObject({ type: 'math', expression: expect.stringContaining('is_nan($A)') as string });
    expect(held?.model).toMatchObject({ expression: found?.refId, conditions: [{ evaluator: { type: 'gt' } }] });
    const named = [
      ...Object.values(annotations)
        .join()
        .matchAll(/\$values\.(\w+)\.Value/g),
    ].map(([, ref]) => ref);
    expect(named.filter((ref) => ref !== asked?.refId)).toEqual([]);
    expect(Object.values(annotations).join()).not.toMatch(/\$value\b/);
  });

  it('are asked at an interval that Grafana can keep, not longer than the shortest wait', () => {
    for (const { name, interval, rules: own } of groups) {
      const seconds = secondsOf(interval);
      expect({ name, rest: seconds % 10 }).toEqual({ name, rest: 0 });
      const waits = own.map((rule) => secondsOf(rule.for)).filter((wait) => wait > 0);
      expect(Math.min(...waits, Infinity)).toBeGreaterThanOrEqual(seconds);
    }
  });

  it('say nothing when nothing is found; one speaks when Prometheus can’t be asked, and the watchdog stops', () => {
    expect(rules.filter(({ noDataState }) => noDataState !== 'OK')).toEqual([]);
    const others = rules.filter(({ execErrState }) => execErrState !== 'KeepLast');
    expect(others.map(({ title, execErrState }) => [title, execErrState])).toEqual([
      ['SubmilliAbsent', 'Alerting'],
      ['Watchdog', 'OK'],
    ]);
    // There is neither a value nor a label then.
    expect(JSON.stringify(others.map(({ annotations }) => annotations))).not.toContain('$');
  });

  it('show their state on a panel that asks for the same metric', () => {
    const linked = rules.filter(({ dashboardUid }) => dashboardUid !== undefined);
    expect(linked.length).toBeGreaterThan(rules.length / 2);
    for (const rule of linked) {
      const { panels } = JSON.parse(read(`../dashboards/${rule.dashboardUid}.json`)) as {
        panels: readonly { readonly id: number; readonly targets?: readonly { readonly expr: string }[] }[];
      };
      const asked = panels.find(({ id }) => id === rule.panelId)?.targets?.map(({ expr }) => expr) ?? [];
      const [subject = ''] = /\bdb_[a-z_]+?(?=_bucket|_count|\b)/.exec(exprOf(rule)) ?? [];
      expect({ uid: rule.uid, asked: asked.some((expr) => expr.includes(subject)) }).toEqual({
        ...{ uid: rule.uid, asked: true },
      });
    }
  });

  it('have the number, not the sentence, where Prometheus has the value', () => {
    expect(inGrafana('{{ printf "%.0f" $value }} % ({{ $labels.database }})')).toBe(
      '{{ printf "%.0f" $values.A.Value }} % ({{ $labels.database }})',
    );
  });
});

describe('the notifications for Grafana', () => {
  const alertmanager = parse(read('alertmanager.yml')) as {
    readonly receivers: readonly { readonly name: string }[];
    readonly route: { readonly routes: readonly { readonly receiver: string }[] };
  };
  const tree = (policy: Policy): readonly Policy[] => [policy, ...(policy.routes ?? []).flatMap(tree)];
  const all = notifications.policies.flatMap(tree);

  it('go where Alertmanager sends them, in its order', () => {
    expect(notifications.contactPoints.map(({ name }) => name)).toEqual(alertmanager.receivers.map(({ name }) => name));
    expect(notifications.policies[0]?.routes?.map(({ receiver }) => receiver)).toEqual(
      alertmanager.route.routes.map(({ receiver }) => receiver),
    );
    const known = new Set(notifications.contactPoints.map(({ name }) => name));
    expect(all.map(({ receiver }) => receiver).filter((name) => name !== undefined && !known.has(name))).toEqual([]);
  });

  it('match by labels that the rules have', () => {
    const matchers = all.flatMap(({ object_matchers = [] }) => object_matchers);
    expect(matchers.length).toBeGreaterThan(3);
    for (const [label = '', , value = ''] of matchers) {
      const values = rules.map(({ title, labels = {} }) => (label === 'alertname' ? title : (labels[label] ?? '')));
      expect({ label, value, known: values.some((one) => new RegExp(`^(${value})$`).test(one)) }).toEqual({
        ...{ label, value, known: true },
      });
    }
  });

  it('take every secret from a file, and have an identity of their own', () => {
    const receivers = notifications.contactPoints.flatMap((one) => one.receivers);
    expect(new Set(receivers.map(({ uid }) => uid)).size).toBe(receivers.length);
    const secrets = receivers.flatMap(({ type, settings }) =>
      Object.entries(settings).filter(
        ([key]) => /key|password|token/i.test(key) || (type === 'slack' && key === 'url'),
      ),
    );
    expect(secrets.length).toBeGreaterThanOrEqual(5);
    expect(secrets.filter(([, value]) => !/^\$__file\{\S+\}$/.test(String(value)))).toEqual([]);
  });

  it('use only templates that are with them', () => {
    const used = [...JSON.stringify(notifications.contactPoints).matchAll(/template \\"([\w.]+)\\"/g)];
    expect(used.length).toBeGreaterThan(3);
    for (const [, name] of used) expect(notifications.templates[0]?.template).toContain(`define "${name}"`);
  });
});
