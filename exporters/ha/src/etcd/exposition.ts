import type { HistogramValue } from '@submilli/core';

/** Values of one metric in Prometheus' text format, by their label text. */
const linesOf = (text: string, name: string): readonly (readonly [labels: string, value: number])[] =>
  [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))].map(([, labels = '', value]) => [
    labels,
    Number(value),
  ]);

/** A metric without labels; null if it is not there. */
export const valueIn = (text: string, name: string): number | null => {
  const value = linesOf(text, name)[0]?.[1];
  return value === undefined || !Number.isFinite(value) ? null : value;
};

/** The values of one label of a metric, each once. */
export const labelsOf = (text: string, name: string, label: string): readonly string[] => [
  ...new Set(
    linesOf(text, name).flatMap(([labels]) => new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(labels)?.[1] ?? []),
  ),
];

/** A histogram without labels but `le`; null if it is not there. */
export const histogramIn = (text: string, name: string): HistogramValue | null => {
  const buckets = linesOf(text, `${name}_bucket`).flatMap(([labels, count]) => {
    const bound = Number(/^le="([^"]+)"$/.exec(labels)?.[1] ?? NaN);
    return Number.isFinite(bound) ? [[bound, count] as const] : [];
  });
  const [sum, count] = [valueIn(text, `${name}_sum`), valueIn(text, `${name}_count`)];
  return sum === null || count === null || buckets.length === 0 ? null : { buckets: new Map(buckets), sum, count };
};
