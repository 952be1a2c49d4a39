import { alerts } from '@submilli/alert-rules';
import type { Alert, Level, Severity } from '@submilli/alert-rules';
import { annotationsOf } from '../../../../alert-rules/src/rules-file';
import { until } from '../stack';
import type { Ears, Labels, ToldAlert } from './ears';

/** An alert that a fault must raise: one of its levels, on something. */
export type Wanted = {
  readonly name: string;
  readonly severity: Severity;
  readonly labels: Labels;
};

const includes = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

const isOf = (labels: Labels, { name, severity, labels: more }: Wanted): boolean =>
  labels.alertname === name && labels.severity === severity && includes(labels, more);

type Series = { readonly metric: Labels; readonly values: readonly (readonly [number, string])[] };

const json = async <T>(url: string): Promise<T> =>
  (await (await fetch(url, { headers: { connection: 'close' } })).json()) as T;

/** What Prometheus has noted of an alert since then, second by second. */
const noted = async (wanted: Wanted, since: number): Promise<readonly Series[]> => {
  const query = `ALERTS{alertname="${wanted.name}",severity="${wanted.severity}"}`;
  const range = `start=${since / 1000}&end=${Date.now() / 1000}&step=1`;
  const { data } = await json<{ data: { result: Series[] } }>(
    `http://127.0.0.1:9090/api/v1/query_range?query=${encodeURIComponent(query)}&${range}`,
  );
  return data.result.filter(({ metric }) => isOf(metric, wanted));
};

type Current = { readonly data: { readonly result: readonly { readonly metric: Labels }[] } };

/** Alertmanager, with its clock set forward, forgets a group of alerts that are over within this time. */
const GROUP_MS = 6000;

/**
 * Until none of them is there from before: what is seen of one that is raised anew could be of the old one. Of those
 * that people are to be spared none of the same name fires either: where Alertmanager has a group already, one more in
 * it is told at once, before another can spare people it.
 */
export const untilQuiet = async (
  wanted: readonly (Wanted & { readonly isSpared: boolean })[],
  seconds: number,
): Promise<void> => {
  const isInTheWay = (metric: Labels): boolean =>
    wanted.some(
      (one) => isOf(metric, one) || (one.isSpared && metric.alertname === one.name && metric.alertstate === 'firing'),
    );
  const there = await until(
    seconds,
    async () => {
      const { data } = await json<Current>('http://127.0.0.1:9090/api/v1/query?query=ALERTS');
      return data.result.map(({ metric }) => metric).filter(isInTheWay);
    },
    (seen) => seen.length === 0,
  );
  if (!Array.isArray(there)) throw new Error(`Prometheus does not tell which alerts there are: ${String(there)}`);
  if (there.length > 0) throw new Error(`there are alerts before anything is broken: ${JSON.stringify(there)}`);
  await new Promise((resolve) => setTimeout(resolve, GROUP_MS));
};

/** When an alert was first pending, and first firing, in seconds since the epoch. */
const firstIn = (state: string, series: readonly Series[]): number =>
  Math.min(
    ...series.filter(({ metric }) => metric.alertstate === state).map(({ values }) => values[0]?.[0] ?? Infinity),
  );

type Held = {
  readonly labels: Labels;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
  readonly fingerprint: string;
};

/** The alerts that Alertmanager has. */
const held = (): Promise<readonly Held[]> => json<Held[]>('http://127.0.0.1:9099/api/v2/alerts');

export const levelOf = ({ name, severity, labels }: Wanted): { readonly alert: Alert; readonly level: Level } => {
  const alert = alerts.find((one) => one.name === name);
  const level = alert?.levels.find((one) => one.severity === severity && includes(labels, one.labels ?? {}));
  if (alert === undefined || level === undefined) throw new Error(`there is no ${severity} level of ${name}`);
  return { alert, level };
};

/** What was told, with the receiver that was told it. */
export type Told = ToldAlert & { readonly receiver: string; readonly at: number };

export const toldOf = ({ notifications }: Ears, wanted: Wanted, since: number): readonly Told[] =>
  notifications
    .filter(({ at }) => at >= since)
    .flatMap(({ receiver, alerts: told, at }) =>
      told.filter(({ labels }) => isOf(labels, wanted)).map((alert) => ({ ...alert, receiver, at })),
    );

/** A text of a rule with its labels filled in, anything where a value is, and anything or nothing where one may be. */
const patternOf = (text: string, labels: Labels): RegExp => {
  const parts = text.split(/(\{\{ with .*?\{\{ end \}\}|\{\{.*?\}\})/).map((part) => {
    if (part.startsWith('{{ with ')) return '.*';
    const [, label, isInUrl] = /^\{\{ \$labels\.(\w+)( \| urlquery)? \}\}$/.exec(part) ?? [];
    if (label === undefined) return part.startsWith('{{') ? '.+' : part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    const value = labels[label] ?? '';
    const shown = isInUrl === undefined ? value : encodeURIComponent(value).replaceAll('%20', '+');
    return shown.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
};

/** What is not as the rule says in what was told: nothing, if all is. */
const wrongIn = ({ labels, annotations }: ToldAlert, wanted: Wanted): readonly string[] => {
  const { alert, level } = levelOf(wanted);
  const expected = annotationsOf(alert, level);
  const missing = Object.entries(expected).filter(
    ([name, text]) => !patternOf(text, labels).test(annotations[name] ?? ''),
  );
  const empty = alert.by.filter((label) => (labels[label] ?? '') === '' && !mayBeEmpty(alert.name, label));
  return [
    ...missing.map(([name]) => `${name}: ${annotations[name] ?? 'absent'}`),
    ...empty.map((label) => `no label ${label}`),
    ...Object.entries(annotations).flatMap(([name, text]) =>
      /<no value>|\{\{/.test(text) ? [`${name}: ${text}`] : [],
    ),
    ...(labels.component === alert.component ? [] : [`component ${labels.component ?? 'absent'}`]),
  ];
};

/** A pooler has no name, and a limit of all databases, or of all users, neither. */
const mayBeEmpty = (name: string, label: string): boolean =>
  (label === 'target' && (name.startsWith('Submilli') || name === 'PgBouncerDown')) ||
  name === 'PgBouncerPoolSaturated';

/** Who hears of what, as alert-rules/README.md says. */
const receiverOf = ({ alert, level }: ReturnType<typeof levelOf>): string => {
  if (alert.name === 'Watchdog') return 'heartbeat';
  if (level.severity === 'critical') return 'page';
  if (level.severity === 'info') return 'record';
  return alert.component === 'query' ? 'developers' : 'database';
};

/** How an alert came to be told, as far as it got in `seconds`. All true, and nothing wrong, is what is wanted. */
export const howTold = async (ears: Ears, wanted: Wanted, since: number, seconds: number) => {
  const found = levelOf(wanted);
  const told = await until(seconds, () => Promise.resolve(toldOf(ears, wanted, since).find(isFiring)), Boolean);
  // What is told may be there a moment before it can be looked up.
  const series = await until(
    10,
    () => noted(wanted, since),
    (found) => told === undefined || firstIn('firing', found) < Infinity,
  );
  const [pending, firing] = [firstIn('pending', series), firstIn('firing', series)];
  return {
    pendingBefore: found.level.for === '0m' || pending < firing,
    firing: firing < Infinity,
    receiver:
      told?.receiver ??
      `nobody was told; Alertmanager: ${JSON.stringify((await held()).filter(({ labels }) => isOf(labels, wanted)))}`,
    wrong: told === undefined ? [] : wrongIn(told, wanted),
  };
};

export const asWanted = (wanted: Wanted) => ({
  pendingBefore: true,
  firing: true,
  receiver: receiverOf(levelOf(wanted)),
  wrong: [],
});

export const isFiring = ({ status }: ToldAlert): boolean => status === 'firing';

/** It fires in Prometheus, Alertmanager has it suppressed by another, and nobody was told. */
export const howInhibited = async (ears: Ears, wanted: Wanted, since: number, seconds: number) => {
  const found = await until(
    seconds,
    async () => (await held()).filter(({ labels, status }) => isOf(labels, wanted) && status.inhibitedBy.length > 0),
    (seen) => seen.length > 0,
  );
  const firing = firstIn('firing', await noted(wanted, since)) < Infinity;
  return {
    firing,
    states: [...new Set(found.map(({ status }) => status.state))],
    told: toldOf(ears, wanted, since)
      .filter(isFiring)
      .map(({ labels, at }) => ({ labels, at })),
  };
};

/** Whether at some moment since then the last that was told, of everything it was told of, is that it is over. */
const wasAllOver = (told: readonly Told[], mended: number): boolean => {
  const last = new Map<string, Told>();
  return told.some((one, index) => {
    last.set(one.fingerprint, one);
    const isLastBefore = (told[index + 1]?.at ?? Infinity) > mended;
    return isLastBefore && ![...last.values()].some(isFiring);
  });
};

/** That it is over was told once it was mended. One whose threshold is a time that was lowered may come again. */
export const isToldOver = (
  ears: Ears,
  wanted: Wanted,
  { since, mended }: { readonly since: number; readonly mended: number },
  seconds: number,
): Promise<boolean> => until(seconds, () => Promise.resolve(wasAllOver(toldOf(ears, wanted, since), mended)), Boolean);
