import { latencyTargets, formatTargets } from '../../domain/latency/targets';

export type LatencyDistributionOptions = {
  /** `auto`: a heat map of buckets, lines of quantiles. */
  readonly view: 'auto' | 'heatmap' | 'quantiles' | 'targets';
  /** As text, "P50: 0.3 ms, P99: 2.5 ms". */
  readonly targets: string;
  /** The quantiles that are drawn or listed, in percent. */
  readonly quantiles: readonly number[];
  /** What values are measured in. Buckets and quantiles of Prometheus are in seconds. */
  readonly unit: 's' | 'ms';
};

export const DEFAULTS: LatencyDistributionOptions = {
  view: 'auto',
  targets: formatTargets(latencyTargets),
  quantiles: [50, 90, 95, 99, 99.9],
  unit: 's',
};
