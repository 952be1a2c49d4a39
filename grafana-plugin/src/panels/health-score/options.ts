export type HealthScoreOptions = {
  readonly show: 'gauges' | 'gauges-and-components';
  /** The worst only, of so many databases. 0: all. */
  readonly most: number;
  readonly compare: boolean;
};

export const DEFAULTS: HealthScoreOptions = { show: 'gauges-and-components', most: 6, compare: true };
