import type { thisMachine } from '../../load/machine';
import type { Reading } from '../growth';
import { bounds, judge, type Bounds } from '../judge';
import { measures } from '../measures';
import type { Recording } from '../recording';
import type { SoakReport } from './schema';

/** What pictures show. */
const drawn = ['memory', 'heap', 'descriptors', 'sessions'];
const MOST_POINTS = 240;

export const reportOf = (
  recording: Recording,
  asked: SoakReport['asked'],
  machine: ReturnType<typeof thisMachine>,
  by: Bounds = bounds,
): SoakReport => {
  const { checks, growth, notJudged } = judge(recording, by);
  return {
    version: 1,
    startedAt: recording.startedAt,
    seconds: round(recording.seconds),
    ...{ asked, machine, node: process.version },
    passed: checks.every(({ findings }) => findings.length === 0),
    checks: checks.map((check) => ({ ...check, findings: [...check.findings] })),
    notJudged: [...notJudged],
    bounds: { warmUpSeconds: by.warmUpSeconds, stretchSeconds: by.stretchSeconds },
    growth: growth.map(({ measure, of, growth: { perHour, low, high, seconds }, leaks }) => ({
      ...{ title: measure.title, of, unit: measure.unit, allowed: measure.perHour, leaks },
      ...{ perHour: rounded(perHour), low: rounded(low), high: rounded(high), seconds: round(seconds) },
    })),
    faults: recording.faults.map((fault) => ({
      ...{ ...fault, helped: [...fault.helped], at: round(fault.at), mendedAt: round(fault.mendedAt) },
      ...{ wholeAt: rounded(fault.wholeAt), wellAt: rounded(fault.wellAt) },
    })),
    lines: measures
      .filter(({ name }) => drawn.includes(name))
      .flatMap(({ name, unit, of }) =>
        [...of(recording)].map(([whose, readings]) => {
          const step = Math.max(10, recording.seconds / MOST_POINTS);
          return { measure: name, of: whose, unit, step: round(step), points: thinned(readings, step) };
        }),
      ),
  };
};

const round = (value: number): number => Math.round(value * 10) / 10;
const rounded = (value: number | null): number | null => (value === null ? null : round(value));

/** The highest of each stretch: a picture shall not hide a peak. */
const thinned = (readings: readonly Reading[], step: number): [number, number][] => {
  const highest = new Map<number, number>();
  for (const { at, value } of readings) {
    const stretch = Math.floor(at / step);
    highest.set(stretch, Math.max(value, highest.get(stretch) ?? -Infinity));
  }
  return [...highest].map(([stretch, value]) => [round((stretch + 0.5) * step), Math.round(value)]);
};
