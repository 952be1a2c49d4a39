import { stringify } from 'yaml';
import type { Alert, Level, Proof, Value } from './define';
import { secondsOf } from './durations';
import type { RulesFile } from './groups';
import { isAlert } from './define';
import { annotationsOf, labelsOf } from './rules-file';

/** When what happens in a proof, in seconds from its beginning. */
export type Course = {
  readonly step: number;
  readonly breaks: number;
  readonly fires: number;
  readonly mends: number;
  readonly resolves: number;
  readonly ends: number;
};

const BROKEN_ON = '10m';
const recordingGroups = ['submilli-database-recordings', 'submilli-latency-recordings'];

export const courseOf = (level: Level, proof: Proof): Course => {
  const step = secondsOf(proof.step ?? '15s');
  const whole = (time: number): number => Math.ceil(time / step) * step;
  const breaks = whole(secondsOf(proof.well ?? '10m'));
  const fires = whole(breaks + secondsOf(proof.delay ?? '0s') + secondsOf(level.for));
  const mends = whole(fires + secondsOf(BROKEN_ON));
  const resolves = whole(mends + secondsOf(proof.lag ?? '0s') + secondsOf(level.keepFiringFor ?? '0s')) + step;
  return { step, breaks, fires, mends, resolves, ends: resolves + 2 * step };
};

/** The values of one series, one for each step; null: none. */
const valuesOf = (
  [well, broken]: readonly [Value, Value],
  { step, breaks, mends, ends }: Course,
): (number | null)[] => {
  let counted = 0;
  return Array.from({ length: ends / step + 1 }, (_, i) => {
    const now = i * step;
    const value = now >= breaks && now < mends ? broken : well;
    if (value === 'absent') return null;
    if (typeof value === 'function') return value(now);
    if (typeof value === 'number') return value;
    counted += value.perSecond * step;
    return Number(counted.toPrecision(12));
  });
};

/** Runs of equal steps in promtool's notation: `10+5x20`. */
export const compress = (values: readonly (number | null)[]): string => {
  const parts: string[] = [];
  let at = 0;
  while (at < values.length) {
    const first = values[at] ?? null;
    const next = values[at + 1] ?? null;
    const rise = first === null || next === null ? 0 : next - first;
    let end = at;
    while (end + 1 < values.length && isNext(values[end] ?? null, values[end + 1] ?? null, rise)) end += 1;
    const more = end - at;
    // As Prometheus marks a series that is no longer there; else it would be looked back to for minutes.
    if (first === null) parts.push(...(at === 0 ? [`_x${more + 1}`] : more === 0 ? ['stale'] : ['stale', `_x${more}`]));
    else parts.push(more === 0 ? String(first) : `${first}${rise < 0 ? '' : '+'}${rise}x${more}`);
    at = end + 1;
  }
  return parts.join(' ');
};

const isNext = (now: number | null, next: number | null, rise: number): boolean =>
  now === null || next === null ? now === next : Math.abs(next - now - rise) < 1e-9 * Math.max(1, Math.abs(next));

const filled = (text: string, labels: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \| urlquery \}\}/g, (_, name: string) =>
    encodeURIComponent(labels[name] ?? ''),
  );

const expected = (alert: Alert, proof: Proof) =>
  Object.entries(proof.says).map(([which, description]) => {
    const level = alert.levels.find(
      ({ severity, labels }) => [severity, labels?.window].filter((part) => part !== undefined).join(' ') === which,
    );
    if (level === undefined) throw new Error(`${alert.name} has no level "${which}"`);
    const links = Object.entries(annotationsOf(alert, level)).filter(([name]) => name.endsWith('_url'));
    return {
      exp_labels: { ...labelsOf(alert, level), ...proof.labels },
      exp_annotations: {
        ...{ summary: proof.summary, description },
        ...Object.fromEntries(links.map(([name, text]) => [name, filled(text, proof.labels)])),
      },
    };
  });

/** While it is well, right before it fires, when it fires, and when it is over. */
const brokenTest = (alert: Alert, proof: Proof) => {
  const level = alert.levels[proof.level ?? 0];
  if (level === undefined) throw new Error(`${alert.name} has no level ${proof.level}`);
  const course = courseOf(level, proof);
  const own = { severity: level.severity, ...level.labels };
  const silent = (eval_time: number) => ({ eval_time: `${eval_time}s`, alertname: alert.name, exp_alerts: [] });
  // Where another level speaks by then, this one's last moment of silence is not the alert's.
  const alone = Object.keys(proof.says).length === 1;
  return {
    name: `${alert.name} (${Object.values(own).join(', ')}): fires, and is over`,
    interval: `${course.step}s`,
    input_series: Object.entries(proof.series).map(([series, values]) => ({
      series,
      values: compress(valuesOf(values, course)),
    })),
    alert_rule_test: [
      silent(course.breaks - course.step),
      ...(alone ? [silent(course.fires - course.step)] : []),
      { eval_time: `${course.fires}s`, alertname: alert.name, exp_alerts: expected(alert, proof) },
      silent(course.resolves),
    ],
  };
};

/** promtool's series can't be NaN: rules make them so, from series with this before their name. */
const SEED = 'nan_';

/** Series that are not there, or are no number, are no reason to wake anybody, unless that is what it is about. */
const voidTests = (alerts: readonly Alert[]) => {
  const quiet = alerts.filter(
    ({ proofs }) => proofs.length > 0 && proofs.every(({ absenceFires }) => absenceFires === undefined),
  );
  const series = [...new Set(quiet.flatMap(({ proofs }) => proofs.flatMap((proof) => Object.keys(proof.series))))];
  const longest = Math.max(...quiet.flatMap(({ levels }) => levels.map((level) => secondsOf(level.for))));
  const minutes = Math.ceil(longest / 60) + 5;
  return (
    [
      ['absent', '', `_x${minutes}`],
      ['not a number', SEED, `1+0x${minutes}`],
    ] as const
  ).map(([what, before, values]) => ({
    name: `all say nothing while their series are ${what}`,
    interval: '1m',
    input_series: series.map((one) => ({ series: `${before}${one}`, values })),
    alert_rule_test: quiet.map(({ name }) => ({ eval_time: `${minutes}m`, alertname: name, exp_alerts: [] })),
  }));
};

/** Makes every series of the proofs of these alerts NaN. */
export const notANumberYaml = (alerts: readonly Alert[]): string => {
  const names = alerts.flatMap(({ proofs }) => proofs.flatMap(({ series }) => Object.keys(series)));
  const metrics = [...new Set(names.map((series) => series.replace(/\{.*/, '')))].sort();
  const rules = metrics.map((name) => ({ record: name, expr: `${SEED}${name} * NaN` }));
  return `# Generated by \`npm run generate\`: for the tests only.\n${stringify({ groups: [{ name: 'not-a-number', rules }] }, { lineWidth: 0 })}`;
};

/** A file for `promtool test rules`, or nothing where there is no alert in it. */
export const proofYaml = (file: RulesFile): string | undefined => {
  const alerts = file.groups.flatMap(({ rules }) => rules).filter(isAlert);
  if (alerts.length === 0) return undefined;
  const tests = [
    ...alerts.flatMap((alert) => alert.proofs.map((proof) => brokenTest(alert, proof))),
    ...voidTests(alerts),
  ];
  const body = {
    rule_files: ['not-a-number.rules.yml', '../recording.rules.yml', `../${file.name}.rules.yml`],
    evaluation_interval: `${Math.min(...alerts.flatMap(({ proofs }) => proofs).map(({ step }) => secondsOf(step ?? '15s')))}s`,
    // promtool asks in any order otherwise; Prometheus has what was recorded a round before.
    group_eval_order: ['not-a-number', ...recordingGroups, ...file.groups.map(({ name }) => name)],
    tests,
  };
  return `# Generated from the proofs in alert-rules/src/alerts by \`npm run generate\`; run it with: promtool test rules ${file.name}.test.yml\n${stringify(body, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false })}`;
};
