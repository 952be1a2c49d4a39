import { bytesText, changeText, latencyText, momentText, percentText, plural, short } from '../report/words';
import { aligned } from '../stack/table';
import type { Compared, Verdict } from './compare';
import type { Listed } from './listed';
import { HOURS_OF_WEEK, type Place, type Unit } from './model';

const texts: Readonly<Record<Unit, (value: number) => string>> = {
  points: short,
  seconds: latencyText,
  'per second': (value) => `${short(value)}/s`,
  ratio: percentText,
  'bytes per second': (value) => `${bytesText(value)}/s`,
  count: short,
  'seconds per second': (value) => `${short(value)} s/s`,
  bytes: bytesText,
};
export const valueText = (unit: Unit, value: number): string => texts[unit](Number(value.toPrecision(3)));

export const whatText = ({ title, queryType }: { readonly title: string; readonly queryType: string }): string =>
  queryType === '' ? title : `${title} of ${queryType}`;

export const whereText = ({ cluster, database }: Pick<Place, 'cluster' | 'database'>): string =>
  [cluster, database].filter((part) => part !== '').join(' / ') || '–';

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
/** "Mon 08:00", in UTC. */
export const slotText = (slot: number): string =>
  `${days[Math.floor((slot % HOURS_OF_WEEK) / 24)] ?? ''} ${String(slot % 24).padStart(2, '0')}:00`;

const sureText = (p: number): string => (p < 1e-6 ? 'p < 0.000001' : `p = ${Number(p.toPrecision(1))}`);

const order: readonly Verdict[] = ['worse', 'different', 'better'];

export type ComparisonTold = {
  readonly from: string;
  readonly to: string;
  readonly madeAt: string;
  readonly compared: readonly Compared[];
  readonly problems: readonly string[];
};

/** What changed, by how much, how sure; then what could not be told, and why. */
export const comparisonText = ({ from, to, madeAt, compared, problems }: ComparisonTold): string => {
  const changed = order.flatMap((verdict) => compared.filter((one) => one.verdict === verdict));
  const unknown = compared.filter(({ verdict }) => verdict === 'unknown');
  const usual = compared.length - changed.length - unknown.length;
  const what =
    changed.length > 0 ? `${changed.length} changed` : usual > 0 ? 'nothing changed' : 'nothing could be compared';
  return [
    `${momentText(from)} to ${momentText(to)} (UTC) beside the baseline of ${momentText(madeAt)}:`,
    `${what}, ${usual} as usual, ${unknown.length} not known.`,
    ...section(
      '',
      changed.length === 0
        ? []
        : [['', 'WHAT', 'WHERE', 'USUAL', 'NOW', 'BY', 'AT 95 %', 'SURE'], ...changed.map(changedRow)],
    ),
    ...section('Not known:', reasonsOf(unknown)),
    ...section(
      'Prometheus:',
      problems.map((problem) => [problem]),
    ),
  ].join('\n');
};

const SHOWN = 6;

/** Each reason once, with what it is true of. */
const reasonsOf = (unknown: readonly Compared[]): readonly (readonly string[])[] => {
  const by = new Map<string, string[]>();
  for (const one of unknown) {
    by.set(one.why ?? '', [...(by.get(one.why ?? '') ?? []), `${whatText(one)} (${whereText(one)})`]);
  }
  return [...by].map(([why, all]) => {
    const more = all.length > SHOWN ? `, and ${all.length - SHOWN} more` : '';
    return [`${why}: ${all.slice(0, SHOWN).join(', ')}${more}`];
  });
};

const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : ['', ...(title === '' ? [] : [title]), aligned(rows.map((row) => ['', ...row]))];

const changedRow = (one: Compared): readonly string[] => {
  const [usual, now] = [one.usual ?? NaN, one.now ?? { value: NaN, low: NaN, high: NaN }];
  return [
    ...[one.verdict, whatText(one), whereText(one), valueText(one.unit, usual), valueText(one.unit, now.value)],
    changeText(now.value, usual),
    `${valueText(one.unit, now.low)} to ${valueText(one.unit, now.high)}`,
    sureText(one.p ?? 1),
  ];
};

/** What is stored: since when it counts, what is usual at the least and at the most, and the last change. */
export const listText = (path: string, madeAt: string, listed: readonly Listed[]): string =>
  [
    `${path}, made ${momentText(madeAt)} (UTC): ${plural(listed.length, 'row')}.`,
    ...section('', [
      ['WHAT', 'WHERE', 'HOURS', 'COUNT', 'SINCE', 'USUAL AT LEAST', 'AT MOST', 'LAST CHANGE'],
      ...listed.map((one): string[] => {
        const last = one.changes.at(-1);
        const at = (slot: number): string => `${valueText(one.unit, one.usual[slot]?.p50 ?? NaN)} ${slotText(slot)}`;
        const [least, most] = extremes(one.usual.map(({ p50 }) => p50));
        return [
          ...[whatText(one), whereText(one), String(one.hours), String(one.counting), momentText(one.since)],
          ...(least === most ? [valueText(one.unit, one.usual[0]?.p50 ?? NaN), ''] : [at(least), at(most)]),
          last === undefined
            ? ''
            : `${momentText(last.at)}: ${valueText(one.unit, last.before)} → ${valueText(one.unit, last.since)}`,
        ];
      }),
    ]),
  ].join('\n');

const extremes = (values: readonly number[]): readonly [least: number, most: number] => [
  values.indexOf(Math.min(...values)),
  values.indexOf(Math.max(...values)),
];
