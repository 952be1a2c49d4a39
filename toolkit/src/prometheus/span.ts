import { bounds, type Span } from './client';

const MINUTE = 60;
const HOUR = 3600;
const STEPS = [15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];

/** The finest even step that gives no more than so many points. */
export const stepFor = (seconds: number, points: number = bounds.points): number =>
  STEPS.find((step) => seconds / step + 1 <= points) ?? Math.ceil(seconds / (points - 1) / HOUR) * HOUR;

/**
 * The ends of the windows that tile a time: asked with `[step]`, each sample counts once, and what lies between two
 * points is looked at too.
 */
export const windowsOf = (from: number, to: number, step: number): Span => ({ from: from + step, to, step });

/** "30m", as PromQL writes it. */
export const duration = (seconds: number): string => {
  const units = [
    [86_400, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
  ] as const;
  const [size, name] = units.find(([each]) => seconds % each === 0) ?? [1, 's'];
  return `${Math.round(seconds / size)}${name}`;
};
