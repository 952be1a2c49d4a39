import type { ExporterName } from '../../settings';

export type RecommendationsOptions = {
  /** Empty: all that have an address. */
  readonly exporters: readonly ExporterName[];
  /** This severe, or more. */
  readonly severity: 'info' | 'warning' | 'critical';
  /** A part of the target's name; dashboard variables work. */
  readonly target: string;
  readonly state: 'open' | 'all';
  readonly most: number;
  readonly dense: boolean;
};

export const DEFAULTS: RecommendationsOptions = {
  ...{ exporters: [], severity: 'info', target: '', state: 'open', most: 10, dense: true },
};
