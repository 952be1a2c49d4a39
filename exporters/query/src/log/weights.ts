import type { DurationLine } from './line';
import { type LogSettings, samplingFor, type Sampling, weightOf } from './settings';

/**
 * How many statements a line stands for; nothing when that is not sure: settings that changed while it was written may
 * or may not have held for it.
 */
export const weightOfLine = (
  { user, database, seconds }: Pick<DurationLine, 'user' | 'database' | 'seconds'>,
  before: LogSettings | undefined,
  now: LogSettings,
): number | undefined => {
  const weight = weightOf(samplingFor(now, user, database), seconds);
  if (before === undefined || hasSameSampling(before, now)) return weight;
  return weightOf(samplingFor(before, user, database), seconds) === weight ? weight : undefined;
};

const hasSameSampling = (a: LogSettings, b: LogSettings): boolean =>
  isSame(a.own, b.own) && JSON.stringify(a.overrides) === JSON.stringify(b.overrides);

const isSame = (a: Sampling, b: Sampling): boolean =>
  a.threshold === b.threshold && a.sampleFrom === b.sampleFrom && a.rate === b.rate && a.everything === b.everything;
