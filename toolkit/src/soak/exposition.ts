/** An answer of `/metrics` or `/probe`, as far as the soak looks at it. */
export type Answer = {
  /** By name and label text, as written. */
  readonly values: ReadonlyMap<string, number>;
  /** Names of series that count: of counters, and the parts of histograms. */
  readonly counting: ReadonlySet<string>;
  /** By family: how many, where a histogram with all its buckets is one. */
  readonly series: ReadonlyMap<string, number>;
};

const LINE = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)$/;

export const parseAnswer = (text: string): Answer => {
  const values = new Map<string, number>();
  const counting = new Set<string>();
  const members = new Map<string, Set<string>>();
  let family = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('# TYPE ')) {
      const [, , name = '', type] = line.split(' ');
      family = name;
      if (type === 'counter') counting.add(name);
      if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) counting.add(`${name}_${part}`);
      continue;
    }
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    values.set(name + labels, Number(value));
    const own = members.get(family) ?? new Set<string>();
    members.set(family, own);
    own.add(labels.replace(/,?(le|quantile)="[^"]*"(?=\}$)/, '').replace('{}', ''));
  }
  return { values, counting, series: new Map([...members].map(([name, own]) => [name, own.size])) };
};

export const nameOf = (key: string): string => /^[^{]*/.exec(key)?.[0] ?? key;

/** The value of a label in a series' key; undefined without it. */
export const labelOf = (key: string, label: string): string | undefined =>
  new RegExp(`[{,]${label}="((?:[^"\\\\]|\\\\.)*)"`).exec(key)?.[1];

/** The sum of a metric over the series with these labels; null without any. */
export const sumOf = (
  values: ReadonlyMap<string, number>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null => {
  let sum: number | null = null;
  for (const [key, value] of values) {
    if (nameOf(key) !== name) continue;
    if (Object.entries(labels).every(([label, wanted]) => labelOf(key, label) === wanted)) sum = (sum ?? 0) + value;
  }
  return sum;
};
