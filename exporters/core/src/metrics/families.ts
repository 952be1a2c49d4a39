import type { HistogramValue, Metric, Sample, SummaryValue } from './declare';
import { labelsText } from './labels';
import { rowByRow } from './row-by-row';

/** One line of exposition: a full series name, its labels as they are written, and a finite number. */
export type Line = {
  readonly name: string;
  /** As between the braces: `database="app",state="idle"`; empty if there are none. */
  readonly labels: string;
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

/**
 * Samples in, families out, sorted by name. Duplicate series, values that are not finite and series over the cap are
 * left out and counted: one bad row never costs the scrape.
 */
export const buildFamilies = (samples: Iterable<Sample>, options: BuildOptions): Built => {
  const groups = new Map<string, Group>();
  const textOf = rowByRow(labelsText);
  const drops = new Map<string, Dropped>();
  const drop = (family: string, reason: DropReason): void => {
    const key = `${family} ${reason}`;
    drops.set(key, { family, reason, count: (drops.get(key)?.count ?? 0) + 1 });
  };

  for (const { metric, labels, value } of samples) {
    if (value === null || (metric.legacy && !options.legacyMetrics)) continue;
    let group = groups.get(metric.name);
    if (group === undefined) {
      group = { metric, seen: new Set(), lines: [] };
      groups.set(metric.name, group);
    }
    // Escaping keeps different values different, so the text of the labels is also the name of the series.
    const text = textOf(metric.labels, labels);
    if (group.seen.has(text)) {
      drop(metric.name, 'duplicate');
    } else if (group.seen.size >= options.seriesPerFamily) {
      drop(metric.name, 'cap');
    } else if (addLines(group.lines, metric, text, value)) {
      group.seen.add(text);
    } else {
      drop(metric.name, 'invalid');
    }
  }

  const families = [...groups.values()]
    .filter((group) => group.lines.length > 0)
    .map(({ metric, lines }) => ({ metric, lines }))
    .sort(byName);
  return { families, dropped: [...drops.values()] };
};

const byName = (a: Family, b: Family): number => (a.metric.name < b.metric.name ? -1 : 1);

/** Several that have no family in common, as one. */
export const mergeBuilt = (all: readonly Built[]): Built => ({
  families: all.flatMap(({ families }) => families).sort(byName),
  dropped: all.flatMap(({ dropped }) => dropped),
});

type Group = { readonly metric: Metric; readonly seen: Set<string>; readonly lines: Line[] };

/** Adds what a sample says to the lines; nothing, and false, if a number in it is not finite. */
const addLines = (
  lines: Line[],
  { name }: Metric,
  labels: string,
  value: number | SummaryValue | HistogramValue,
): boolean => {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return false;
    lines.push({ name, labels, value });
    return true;
  }
  const parts = 'quantiles' in value ? quantileLines(name, labels, value) : bucketLines(name, labels, value);
  parts.push({ name: `${name}_sum`, labels, value: value.sum }, { name: `${name}_count`, labels, value: value.count });
  if (!parts.every((line) => Number.isFinite(line.value))) return false;
  for (const line of parts) lines.push(line);
  return true;
};

const quantileLines = (name: string, labels: string, { quantiles }: SummaryValue): Line[] => {
  const start = labels === '' ? 'quantile="' : `${labels},quantile="`;
  return Array.from(quantiles, ([quantile, value]) => ({ name, labels: `${start}${quantile}"`, value }));
};

const bucketLines = (name: string, labels: string, { buckets, count }: HistogramValue): Line[] => {
  const bucket = `${name}_bucket`;
  const start = labels === '' ? 'le="' : `${labels},le="`;
  const lines = Array.from(buckets, ([le, value]) => ({ name: bucket, labels: `${start}${le}"`, value }));
  return [...lines, { name: bucket, labels: `${start}+Inf"`, value: count }];
};
