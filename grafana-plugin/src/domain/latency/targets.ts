import { type LatencyTarget, latencyTargets } from '@submilli/thresholds';
import type { Estimate } from './histogram';

export { latencyTargets };
export type Target = LatencyTarget;

/** "P99.9" for 0.999. */
export const quantileName = (quantile: number): string => `P${Number((quantile * 100).toPrecision(8))}`;

const ONE = /^\s*p?(\d+(?:\.\d+)?)\s*[:=]\s*(\d+(?:\.\d+)?)\s*(us|µs|ms|s)?\s*$/i;
const UNITS: Readonly<Record<string, number>> = { us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1 };

/** 1.8 ms are 0.0018 s, and not 0.0018000000000000002. */
const scaled = (value: number, unit: number): number => Number((value * unit).toPrecision(10));

export type ParsedTargets = { readonly targets: readonly Target[]; readonly wrong: readonly string[] };

/** Targets as people write them, "P50: 0.3 ms, P99: 2.5 ms"; without a unit they are milliseconds. */
export const parseTargets = (text: string): ParsedTargets => {
  const found = new Map<number, number>();
  const wrong: string[] = [];
  for (const part of text.split(/[,;\n]/).filter((one) => one.trim() !== '')) {
    const [, percent, value, unit = 'ms'] = ONE.exec(part) ?? [];
    const [quantile, seconds] = [Number(percent) / 100, scaled(Number(value), UNITS[unit.toLowerCase()] ?? NaN)];
    if (quantile > 0 && quantile < 1 && seconds > 0) found.set(Number(quantile.toPrecision(10)), seconds);
    else wrong.push(part.trim());
  }
  const targets = [...found].map(([quantile, seconds]) => ({ quantile, seconds }));
  return { targets: targets.toSorted((a, b) => a.quantile - b.quantile), wrong };
};

/** Those that somebody chose, or ours where nobody did, or nothing that can be read. */
export const targetsOr = (text: string | undefined): readonly Target[] => {
  const { targets } = parseTargets(text ?? '');
  return targets.length === 0 ? latencyTargets : targets;
};

export const formatTargets = (targets: readonly Target[]): string =>
  targets
    .map(({ quantile, seconds }) => `${quantileName(quantile)}: ${Number((seconds * 1000).toPrecision(8))} ms`)
    .join(', ');

/** Which value a quantile should stay within; undefined: nobody says. */
export const targetOf = (targets: readonly Target[], quantile: number): number | undefined =>
  targets.find((target) => Math.abs(target.quantile - quantile) < 1e-9)?.seconds;

/**
 * How a quantile does against its target. `unsure`: its bounds lie on both sides. `unknown`: there is no value;
 * `free`: there is no target.
 */
export type Verdict = 'met' | 'missed' | 'unsure' | 'unknown' | 'free';

export const verdictOf = (value: Estimate | null | undefined, target: number | undefined): Verdict => {
  if (value === null || value === undefined) return 'unknown';
  if (target === undefined) return 'free';
  if (value.high <= target) return 'met';
  if (value.low > target) return 'missed';
  return 'unsure';
};

/** The target that is missed by most, as a ratio of value and target; undefined if none is. */
export const worstMiss = (
  values: readonly { readonly quantile: number; readonly value: Estimate | null }[],
  targets: readonly Target[],
): { readonly quantile: number; readonly ratio: number } | undefined =>
  values
    .flatMap(({ quantile, value }) => {
      const target = targetOf(targets, quantile);
      return target !== undefined && value !== null && verdictOf(value, target) === 'missed'
        ? [{ quantile, ratio: value.seconds / target }]
        : [];
    })
    .toSorted((a, b) => b.ratio - a.ratio)[0];
