import { bars, barStyles, dotStyles, type Ink, logTicks, plot, roundTicks, short, standalone } from '@submilli/toolkit';
import type { Plot } from '../part';

const inks: readonly Ink[] = ['calm', 'amber', 'violet', 'bad', 'soft'];
const inkOf = (i: number): Ink => inks[i % inks.length] ?? 'calm';

/** As a file; empty where there is nothing to be drawn. */
export const pictureOf = (input: Plot): string => {
  if (input.series.every(({ points }) => points.length === 0)) return '';
  return input.kind === 'bars' ? standalone(barsOf(input), barStyles) : standalone(linesOf(input), dotStyles);
};

/** What is compared stands together: a group for each x, with a bar of each series. */
const barsOf = ({ title, y, isLogarithmic = false, series }: Plot): string => {
  const names = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))];
  return bars({
    ...{ label: title, axis: y, scale: isLogarithmic ? 'log' : 'linear', format: short },
    groups: names.map((x) => ({
      name: typeof x === 'number' ? short(x) : x,
      bars: series.flatMap(({ name, points }, i) =>
        points
          .filter(([at]) => at === x)
          .map(([, value]) => ({ name: series.length === 1 ? '' : name, ink: inkOf(i), value })),
      ),
    })),
  });
};

const linesOf = ({ title, x, y, isLogarithmic = false, series }: Plot): string => {
  const lines = series.map(({ name, points }) => ({
    name,
    points: points.map(([at, value]) => [Number(at), value] as const),
  }));
  const xs = lines.flatMap(({ points }) => points.map(([at]) => at));
  const ys = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const along = axisOf(xs, isLogarithmic && isWide(xs));
  return plot({
    label: title,
    ...{ from: along.from, to: along.to, step: along.to - along.from, ticks: along.ticks },
    ...{ scale: isLogarithmic && ys.every((value) => value > 0) ? 'log' : 'linear', format: short },
    ...{ isDotted: true, axes: { x, y } },
    lines: lines.map(({ name, points }, i) => ({
      ...{ name, ink: inkOf(i) },
      points: points.map(([at, value]) => [along.place(at), value] as const).sort(([a], [b]) => a - b),
    })),
  });
};

/** Tenfold or more: quantiles and the like are better off on a linear axis. */
const isWide = (values: readonly number[]): boolean => {
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) >= 10 * least;
};

type Axis = {
  readonly from: number;
  readonly to: number;
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
};

/** Of a logarithmic one, places are logarithms. A linear one begins at zero unless that is far away. */
const axisOf = (values: readonly number[], isLog: boolean): Axis => {
  const place = isLog ? Math.log10 : (value: number): number => value;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const marks = isLog
    ? marksOf(least, most)
    : roundTicks(least > most / 3 && least < most ? least : Math.min(0, least), most, 8);
  const ticks = marks.map((mark) => ({ at: place(mark), text: short(mark) }));
  const ends = [place(least), place(most), ...ticks.map(({ at }) => at)];
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  return { from, to: to === from ? from + 1 : to, place, ticks };
};

/** Both ends are marked, and powers of ten (or 1 and 3) that are not too near to them. */
const marksOf = (least: number, most: number): readonly number[] => [
  least,
  ...logTicks(least, most).filter((tick) => tick > least * 1.3 && tick < most / 1.3),
  most,
];
