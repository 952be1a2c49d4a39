import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** What a series is worth at a moment (seconds since the epoch); undefined where it has no sample. */
export type Course = (at: number) => number | undefined;

export type History = { readonly series: Readonly<Record<string, Course>>; readonly moments: readonly number[] };

/** Reproducible noise between −1 and 1, by name and moment. */
export const noiseOf = (name: string, at: number): number => {
  let hash = 2166136261;
  for (const char of `${name}${at}`) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2147483648 - 1;
};

/** A counter that grows by a rate, as of some beginning; begins at `base`. */
export const counter =
  (from: number, rate: number, base = 0): Course =>
  (at) =>
    base + Math.max(0, at - from) * rate;

/** Writes what promtool makes blocks of. */
export const writeOpenMetrics = async (path: string, histories: readonly History[]): Promise<void> => {
  const file = createWriteStream(path);
  for (const { series, moments } of histories) {
    for (const [selector, course] of Object.entries(series)) {
      const lines = moments.flatMap((at) => {
        const value = course(at);
        return value === undefined ? [] : [`${selector} ${value} ${at}\n`];
      });
      file.write(lines.join(''));
    }
  }
  file.end('# EOF\n');
  await finished(file);
};
