import { gradeOf, type Grade } from './score';

/** Values over time; milliseconds since the epoch, rising. */
export type Timeline = { readonly times: readonly number[]; readonly values: readonly number[] };

/** A time in which the score was poor or worse. */
export type Incident = {
  readonly from: number;
  readonly to: number;
  /** Still so at the end of what is looked at. */
  readonly open: boolean;
  readonly lowest: number;
  readonly lowestAt: number;
  readonly grade: Grade;
  /** The components with the fewest points at the lowest; undefined when that is not known. */
  readonly component: string | undefined;
};

/** From here down a score is poor: somebody should know. */
export const INCIDENT_BELOW = 70;

/** Dips closer to each other than this many steps are one incident. */
const APART_STEPS = 3;

const stepOf = (times: readonly number[]): number =>
  times.slice(1).reduce((least, time, i) => Math.min(least, time - (times[i] ?? time)), Infinity);

const lowestComponent = (components: ReadonlyMap<string, Timeline>, at: number): string | undefined =>
  [...components]
    .flatMap(([component, { times, values }]) => {
      const value = values[times.findLastIndex((time) => time <= at)];
      return value === undefined ? [] : [{ component, value }];
    })
    .filter(({ value }) => value < 100)
    .toSorted((a, b) => a.value - b.value || a.component.localeCompare(b.component))[0]?.component;

/** The newest first. */
export const incidentsOf = (
  score: Timeline,
  components: ReadonlyMap<string, Timeline> = new Map(),
  below = INCIDENT_BELOW,
): readonly Incident[] => {
  const apart = APART_STEPS * stepOf(score.times);
  const spans: { from: number; to: number; lowest: number; lowestAt: number }[] = [];
  score.times.forEach((time, i) => {
    const value = score.values[i];
    if (value === undefined || !(value < below)) return;
    const last = spans.at(-1);
    if (last === undefined || time - last.to > apart)
      spans.push({ from: time, to: time, lowest: value, lowestAt: time });
    else {
      last.to = time;
      if (value < last.lowest) [last.lowest, last.lowestAt] = [value, time];
    }
  });
  const end = score.times.at(-1);
  return spans
    .map((span) => ({
      ...span,
      ...{ open: span.to === end, grade: gradeOf(span.lowest), component: lowestComponent(components, span.lowestAt) },
    }))
    .toReversed();
};

/** The mean over a time; null when there is nothing. */
export const meanOf = ({ values }: Timeline): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The same times moved on, so that an earlier period lies over the present one. */
export const shifted = ({ times, values }: Timeline, by: number): Timeline => ({
  times: times.map((time) => time + by),
  values,
});
