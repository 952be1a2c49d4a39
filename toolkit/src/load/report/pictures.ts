import { plot } from '../../page/plot';
import { short } from '../../report/words';
import { timeText, viaWords } from '../words';
import { curvePicture } from './curve';
import type { LoadReport, PathReport } from './schema';

const inks = { direct: 'violet', pool: 'calm' } as const;

/** How many transactions took how long, each path a curve. */
export const curves = ({ paths, promises }: LoadReport): string =>
  curvePicture(
    paths.map(({ via, curve, latency }) => ({ name: viaWords[via], ink: inks[via], points: curve, max: latency.max })),
    promises.latency,
  );

/** Of one path; empty where nothing was measured. */
export const latencyOverTime = ({ via, timeline }: PathReport, { seconds, promises }: LoadReport): string => {
  const { stretchSeconds, stretches } = timeline;
  const line = (of: (one: (typeof stretches)[number]) => number | null) =>
    stretches.flatMap((one): [number, number][] => {
      const value = of(one);
      return value === null || value <= 0 ? [] : [[one.at + stretchSeconds / 2, value]];
    });
  const lines = [
    { name: 'P50', ink: 'calm', points: line(({ p50 }) => p50) },
    { name: 'P99', ink: 'amber', points: line(({ p99 }) => p99) },
    { name: 'max', ink: 'soft', points: line(({ max }) => max) },
  ] as const;
  if (lines.every(({ points }) => points.length === 0)) return '';
  const p99 = promises.latency.find(({ quantile }) => quantile === 0.99)?.seconds;
  return plot({
    label: `Latency over time, ${viaWords[via]}`,
    ...{ from: 0, to: seconds, step: stretchSeconds, scale: 'log', format: timeText, ticks: secondTicks(seconds) },
    lines: lines.filter(({ points }) => points.length > 0),
    levels: p99 === undefined ? [] : [{ value: p99, ink: 'bad', name: 'P99 promised' }],
    events: stretches.flatMap(({ at, failed }) =>
      failed === 0 ? [] : [{ from: at, to: at + stretchSeconds, ink: 'bad' as const, title: `${failed} failed` }],
    ),
  });
};

export const throughputOverTime = ({ paths, seconds, rate }: LoadReport): string =>
  plot({
    label: 'Transactions per second over time',
    ...{ from: 0, to: seconds, step: paths[0]?.timeline.stretchSeconds ?? 1, scale: 'linear' },
    ...{ format: short, ticks: secondTicks(seconds) },
    lines: paths.map(({ via, timeline: { stretches, stretchSeconds } }) => ({
      ...{ name: viaWords[via], ink: inks[via] },
      points: stretches.map(({ at, count }): [number, number] => [at + stretchSeconds / 2, count / stretchSeconds]),
    })),
    levels: rate === null ? [] : [{ value: rate, ink: 'soft', name: 'asked for' }],
  });

const secondTicks = (seconds: number): { at: number; text: string }[] => {
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find((each) => seconds / each <= 12) ?? 1200;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => ({
    ...{ at: i * step, text: i === 0 ? '0 s' : String(i * step) },
  }));
};
