import {
  buildFamilies,
  counter,
  emittersOf,
  emptyHistogram,
  type Family,
  gauge,
  type Histogram as Counts,
  histogram,
  histogramValue,
  observeAll,
  type Sample,
  serialise,
} from '@submilli/core';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { BOUNDS, type Kind, labelNames, type Load } from './load';

export const writerNames = ['submilli', 'prom-client'] as const;
export type WriterName = (typeof writerNames)[number];

/** One way from values to text. Labels are given to both as objects that are made anew, as code that reads rows does. */
export type Writer = {
  /** What a scrape does first: all values are handed over anew. Prom-client can't be told a histogram: absent. */
  readonly fill: (() => void) | undefined;
  /** The text of a whole scrape, once filled. */
  readonly finish: () => Promise<string>;
  /** The text of what is held already. */
  readonly write: () => Promise<string>;
};

export const writerOf = (name: WriterName, load: Load): Writer => (name === 'submilli' ? ours(load) : theirs(load));

const LIMITS = { seriesPerFamily: Number.MAX_SAFE_INTEGER, legacyMetrics: true };

const ours = ({ kind, families }: Load): Writer => {
  const emitters = families.map(({ name, help, series }) => {
    const { metric: emit } = emittersOf({ metric: declare[kind](name, help, labelNames) });
    const histograms = kind === 'histogram' ? series.map(({ values }) => countsOf(values)) : [];
    return { emit: emit, series, histograms };
  });
  const samplesNow = (): Sample[] =>
    emitters.flatMap(({ emit, series, histograms }) =>
      series.map(({ labels, values }, i) => {
        const counts = histograms[i];
        return emit({ ...labels }, counts === undefined ? (values[0] ?? null) : histogramValue(counts));
      }),
    );
  let samples = samplesNow();
  let held: readonly Family[] | undefined;
  const familiesNow = (): readonly Family[] => buildFamilies(samples, LIMITS).families;
  return {
    fill: () => {
      samples = samplesNow();
      held = undefined;
    },
    finish: () => Promise.resolve(serialise(familiesNow())),
    // As families that were not written before: of those it has the text already.
    write: () => Promise.resolve(serialise((held ??= familiesNow()).map((family) => ({ ...family })))),
  };
};

const declare = { gauge, counter, histogram } as const;

const countsOf = (values: readonly number[]): Counts =>
  observeAll(
    emptyHistogram(BOUNDS),
    values.map((value) => ({ value, weight: 1 })),
  );

const theirs = (load: Load): Writer => {
  const registry = new Registry();
  const fills = load.families.map((family) => metricOf(load.kind, family, registry));
  for (const fill of fills) fill();
  return {
    fill:
      load.kind === 'histogram'
        ? undefined
        : () => {
            for (const fill of fills) fill();
          },
    finish: () => registry.metrics(),
    write: () => registry.metrics(),
  };
};

/** Registers a family; what comes back gives it all of its values anew. */
const metricOf = (kind: Kind, { name, help, series }: Load['families'][number], registry: Registry): (() => void) => {
  const options = { name, help, labelNames, registers: [registry] };
  if (kind === 'gauge') {
    const metric = new Gauge(options);
    return () => {
      metric.reset();
      for (const { labels, values } of series) metric.set({ ...labels }, values[0] ?? 0);
    };
  }
  if (kind === 'counter') {
    const metric = new Counter(options);
    return () => {
      metric.reset(); // it has no set()
      for (const { labels, values } of series) metric.inc({ ...labels }, values[0] ?? 0);
    };
  }
  const metric = new Histogram({ ...options, buckets: [...BOUNDS] });
  return () => {
    metric.reset();
    for (const { labels, values } of series) for (const value of values) metric.observe({ ...labels }, value);
  };
};
