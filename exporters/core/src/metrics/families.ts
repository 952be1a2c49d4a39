import type { HistogramValue, Metric, Sample, SummaryValue } from './declare';

/** One line of exposition: a full series name with its labels, and a finite number. */
export type Line = {
  readonly name: string;
  readonly labels: readonly (readonly [string, string])[];
  readonly value: number;
};

/** A metric family: everything under one HELP and TYPE. */
export type Family = {
  readonly metric: Metric;
  readonly lines: readonly Line[];
};

export type DropReason = 'duplicate' | 'invalid' | 'cap';
export type Dropped = { readonly family: string; readonly reason: DropReason; readonly count: number };
export type Built = { readonly families: readonly Family[]; readonly dropped: readonly Dropped[] };

export type BuildOptions = {
  /** Most series a family may have; a summary or a histogram counts once. */
  readonly seriesPerFamily: number;
  readonly legacyMetrics: boolean;
};

const MAX_LABEL_LENGTH = 256;

/**
 * Samples in, families out, sorted by name. Duplicate series, values that are not finite and series over the cap are
 * left out and counted: one bad row never costs the scrape.
 */
export const buildFamilies = (samples: Iterable<Sample>, options: BuildOptions): Built => {
  const groups = new Map<string, { metric: Metric; seen: Set<string>; lines: Line[] }>();
  const drops = new Map<string, Dropped>();
  const drop = (family: string, reason: DropReason): void => {
    const key = `${family} ${reason}`;
    drops.set(key, { family, reason, count: (drops.get(key)?.count ?? 0) + 1 });
  };

  for (const { metric, labels, value } of samples) {
    if (value === null || (metric.legacy && !options.legacyMetrics)) continue;
    const group = groups.get(metric.name) ?? { metric, seen: new Set<string>(), lines: [] };
    groups.set(metric.name, group);
    const values = labels.map(cleanLabel);
    const key = values.join('\u0000');
    if (group.seen.has(key)) {
      drop(metric.name, 'duplicate');
    } else if (group.seen.size >= options.seriesPerFamily) {
      drop(metric.name, 'cap');
    } else {
      const lines = linesOf(metric, values, value);
      if (lines === undefined) {
        drop(metric.name, 'invalid');
      } else {
        group.seen.add(key);
        group.lines.push(...lines);
      }
    }
  }

  const families = [...groups.values()]
    .filter((group) => group.lines.length > 0)
    .map(({ metric, lines }) => ({ metric, lines }))
    .sort((a, b) => (a.metric.name < b.metric.name ? -1 : 1));
  return { families, dropped: [...drops.values()] };
};

/** PostgreSQL identifiers and client-set names are any bytes; Prometheus wants well-formed UTF-8 of bounded length. */
const cleanLabel = (text: string): string =>
  text.slice(0, MAX_LABEL_LENGTH).toWellFormed().replaceAll('\u0000', '\ufffd');

const linesOf = (
  metric: Metric,
  values: readonly string[],
  value: number | SummaryValue | HistogramValue,
): Line[] | undefined => {
  const labels = metric.labels.map((label, i) => [label, values[i] ?? ''] as const);
  if (typeof value === 'number') {
    return Number.isFinite(value) ? [{ name: metric.name, labels, value }] : undefined;
  }
  const parts = 'quantiles' in value ? quantileLines(metric, labels, value) : bucketLines(metric, labels, value);
  const lines = [
    ...parts,
    { name: `${metric.name}_sum`, labels, value: value.sum },
    { name: `${metric.name}_count`, labels, value: value.count },
  ];
  return lines.every((line) => Number.isFinite(line.value)) ? lines : undefined;
};

const quantileLines = (metric: Metric, labels: Line['labels'], value: SummaryValue): Line[] =>
  [...value.quantiles].map(([quantile, seconds]) => ({
    name: metric.name,
    labels: [...labels, ['quantile', String(quantile)] as const],
    value: seconds,
  }));

const bucketLines = (metric: Metric, labels: Line['labels'], value: HistogramValue): Line[] =>
  [...[...value.buckets].map(([le, count]) => [String(le), count] as const), ['+Inf', value.count] as const].map(
    ([le, count]) => ({ name: `${metric.name}_bucket`, labels: [...labels, ['le', le] as const], value: count }),
  );
