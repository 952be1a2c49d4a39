import type { Fold, Metric, Sample } from './declare';

/** The name under which everything is summed up that is not shown by itself. */
export const OTHER = 'other';

/** What folding must remember: the counters it last saw, and what it has summed up so far. Keys name one series. */
export type Folded = {
  readonly hidden: ReadonlySet<string> | undefined;
  readonly last: ReadonlyMap<string, number>;
  readonly sums: ReadonlyMap<string, number>;
};

export const nothingFolded: Folded = { hidden: undefined, last: new Map(), sums: new Map() };

/**
 * Keeps the samples whose `label` is not one of `hidden`, and folds those into one series under `other`: gauges as
 * their declaration says (or not at all), counters by adding up what they grew. A counter that comes to be shown, or
 * ceases to be, never tears the sum: each growth is in exactly one series that a rate can be taken of. Another
 * exporter's names are left as that exporter has them.
 */
export const foldOthers = (
  samples: readonly Sample[],
  label: string,
  hidden: ReadonlySet<string>,
  before: Folded,
): { readonly samples: readonly Sample[]; readonly folded: Folded } => {
  const kept: Sample[] = [];
  const gauges = new Map<string, Sample & { value: number }>();
  const last = new Map<string, number>();
  const sums = new Map(before.sums);
  const counters = new Map<string, Sample>();

  for (const sample of samples) {
    const at = sample.metric.view === null ? sample.metric.labels.indexOf(label) : -1;
    const { value } = sample;
    const item = sample.labels[at] ?? '';
    const isShown = at < 0 || !hidden.has(item);
    if (isShown) kept.push(sample);
    if (at < 0 || typeof value !== 'number') continue;
    const rest: Sample = { ...sample, labels: sample.labels.with(at, OTHER) };
    const key = keyOf(rest);
    if (sample.metric.type === 'counter') {
      const own = keyOf(sample);
      last.set(own, value);
      const stays = isShown && before.hidden?.has(item) !== true;
      if (!stays) sums.set(key, (sums.get(key) ?? 0) + growth(before, own, value));
      if (!isShown) counters.set(key, rest);
    } else if (sample.metric.fold !== null && !isShown) {
      const sum = gauges.get(key);
      gauges.set(key, { ...rest, value: sum === undefined ? value : folds[sample.metric.fold](sum.value, value) });
    }
  }
  const folded = { hidden, last, sums };
  const summed = [...counters].map(([key, sample]) => ({ ...sample, value: sums.get(key) ?? 0 }));
  return { samples: [...kept, ...gauges.values(), ...summed], folded };
};

const folds: Readonly<Record<Fold, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
};

/** Since the reading before; a counter that was reset, or is new, has grown from zero. At first sight nobody knows. */
const growth = ({ hidden, last }: Folded, key: string, now: number): number => {
  if (hidden === undefined) return 0;
  const then = last.get(key) ?? 0;
  return now >= then ? now - then : now;
};

const keyOf = ({ metric, labels }: { readonly metric: Metric; readonly labels: readonly string[] }): string =>
  [metric.name, ...labels].join('\u0000');
