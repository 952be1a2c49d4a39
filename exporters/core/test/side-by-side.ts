/** Compares what two exporters say of the same thing at nearly the same time, series by series. */

type Value = number | 'NaN';
type Family = {
  readonly type: string;
  readonly labels: ReadonlySet<string>;
  readonly series: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: Value }[];
};
type Families = ReadonlyMap<string, Family>;

/** A difference that is meant: which lines it explains, and why it is so. */
export type Exception = readonly [pattern: RegExp, reason: string];

/** An exposition in text format 0.0.4, without histograms and summaries. */
export const parse = (text: string): Families => {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const families = new Map<string, Family>();
  for (const [, name = '', labelText = '', value = ''] of text.matchAll(/^(\w+) ?(?:\{(.*)\})? (\S+)$/gm)) {
    const labels = Object.fromEntries(
      [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', quoted = '']) => [key, quoted]),
    );
    const before = families.get(name);
    families.set(name, {
      type: types.get(name) ?? 'none',
      labels: new Set([...(before?.labels ?? []), ...Object.keys(labels)]),
      series: [...(before?.series ?? []), { labels, value: value === 'NaN' ? 'NaN' : Number(value) }],
    });
  }
  return families;
};

/** Values by the labels that both sides have; series that become one are added up. */
const projected = ({ series }: Family, labels: readonly string[]): Map<string, Value> => {
  const values = new Map<string, Value>();
  for (const one of series) {
    const key = `{${labels.map((label) => `${label}="${one.labels[label] ?? ''}"`).join(',')}}`;
    const before = values.get(key) ?? 0;
    values.set(key, before === 'NaN' || one.value === 'NaN' ? 'NaN' : before + one.value);
  }
  return values;
};

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

/** The peer was asked before and after us: our value must lie between its two. */
const isBetween = (value: Value, before: Value, after: Value): boolean =>
  value === before ||
  value === after ||
  (value !== 'NaN' &&
    before !== 'NaN' &&
    after !== 'NaN' &&
    (near(value, before) ||
      near(value, after) ||
      (value >= Math.min(before, after) && value <= Math.max(before, after))));

/** One line for each difference: a family, a type, a label, a series or a value. */
export const differences = (peerBefore: string, ours: string, peerAfter: string): string[] => {
  const [before, mine, after] = [parse(peerBefore), parse(ours), parse(peerAfter)];
  const lines = [...mine.keys()].filter((name) => !before.has(name)).map((name) => `family only here: ${name}`);
  for (const [name, theirs] of before) {
    const own = mine.get(name);
    lines.push(...(own === undefined ? [`family only there: ${name}`] : compare(name, theirs, own, after.get(name))));
  }
  return lines;
};

const compare = (name: string, theirs: Family, own: Family, later: Family | undefined): string[] => {
  const shared = [...own.labels].filter((label) => theirs.labels.has(label));
  const [before, mine, after] = [theirs, own, later ?? theirs].map((family) => projected(family, shared)) as [
    Map<string, Value>,
    Map<string, Value>,
    Map<string, Value>,
  ];
  const values = [...mine].flatMap(([key, value]) => {
    const was = before.get(key);
    if (was === undefined) return after.has(key) ? [] : [`series only here: ${name}${key}`];
    const is = after.get(key) ?? was;
    return isBetween(value, was, is) ? [] : [`value: ${name}${key} is ${value} here, ${was} to ${is} there`];
  });
  return [
    ...(theirs.type === own.type ? [] : [`type: ${name} is ${own.type} here, ${theirs.type} there`]),
    ...[...theirs.labels]
      .filter((label) => !own.labels.has(label))
      .map((label) => `label only there: ${name} ${label}`),
    ...[...own.labels].filter((label) => !theirs.labels.has(label)).map((label) => `label only here: ${name} ${label}`),
    ...[...before.keys()].filter((key) => !mine.has(key)).map((key) => `series only there: ${name}${key}`),
    ...values,
  ];
};

/** What is left of differences when the exceptions are taken away, and exceptions that explain nothing any more. */
export const judged = (found: readonly string[], exceptions: readonly Exception[]) => ({
  unexplained: found.filter((line) => !exceptions.some(([pattern]) => pattern.test(line))),
  idle: exceptions.filter(([pattern]) => !found.some((line) => pattern.test(line))).map(([pattern]) => String(pattern)),
});
