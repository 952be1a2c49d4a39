import { latencyTargets } from '@submilli/catalogue';
import type { Config } from '@submilli/core';
import { InvalidArgumentError } from 'commander';
import type { Promises } from './report/schema';

type Promised = Promises['latency'][number];

const UNITS: Readonly<Record<string, number>> = { us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1 };

/** "p99=2.5ms", as given on the command line; may be given several times. */
export const promiseArgument = (text: string, before: readonly Promised[] | undefined): readonly Promised[] => {
  const [, percent, amount, unit] = /^p(\d+(?:\.\d+)?)=(\d+(?:\.\d+)?)(us|µs|ms|s)$/i.exec(text) ?? [];
  const quantile = Number(percent) / 100;
  const seconds = Number(amount) * (UNITS[unit?.toLowerCase() ?? ''] ?? NaN);
  if (!(quantile > 0 && quantile < 1 && seconds > 0)) throw new InvalidArgumentError('As in p99=2.5ms, please.');
  // 0.999 and not 0.9990000000000001.
  return [...(before ?? []), { quantile: Number(quantile.toPrecision(10)), seconds: Number(seconds.toPrecision(10)) }];
};

/** Those of the exporters and their alerts, unless others are named; failures as the health score has them. */
export const promisesFrom = (
  named: readonly Promised[] | undefined,
  errorPercent: number | undefined,
  { thresholds }: Pick<Config, 'thresholds'>,
): Promises => ({
  latency: [...(named ?? latencyTargets)].sort((a, b) => a.quantile - b.quantile),
  errorRatio: (errorPercent ?? thresholds.rollback_ratio_warning) / 100,
});

const USUAL = [0.5, 0.9, 0.95, 0.99, 0.999];

/** Those that everybody asks for, and those that something was promised of. */
export const quantilesFor = ({ latency }: Promises): readonly number[] =>
  [...new Set([...USUAL, ...latency.map(({ quantile }) => quantile)])].sort((a, b) => a - b);
