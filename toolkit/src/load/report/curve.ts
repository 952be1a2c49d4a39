import { escape } from '../../page/escape';
import { fixed, linear, logarithmic, logTicks } from '../../page/svg';
import { quantileName } from '../../report/words';
import { timeText } from '../words';

export type Curve = {
  readonly name: string;
  readonly ink: 'calm' | 'violet';
  readonly points: readonly (readonly [quantile: number, seconds: number])[];
  /** The slowest of all. */
  readonly max: number | null;
};

const WIDTH = 960;
const LEFT = 62;
const RIGHT = WIDTH - 124;
const TOP = 12;
const BOTTOM = 252;
const HEIGHT = BOTTOM + 40;

/** Marks on the axis: each further one is for ten times fewer transactions that are slower. */
const MARKS = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];

/** 0 for all, 1 where one of ten is slower, 2 where one of a hundred is. */
const place = (quantile: number): number => -Math.log10(1 - quantile);

/**
 * How many transactions took how long at most, cumulatively: both axes are logarithmic, so that the tail, which is what
 * was promised, has as much room as the rest. Rings are promises: a curve above one has broken it.
 */
export const curvePicture = (
  curves: readonly Curve[],
  promises: readonly { readonly quantile: number; readonly seconds: number }[],
): string => {
  const all = [
    ...curves.flatMap(({ points, max }) => [...points.map(([, seconds]) => seconds), ...(max === null ? [] : [max])]),
    ...promises.map(({ seconds }) => seconds),
  ].filter((seconds) => seconds > 0);
  if (curves.every(({ points }) => points.length === 0) || all.length === 0) return '';
  const [low, high] = [Math.min(...all) * 0.8, Math.max(...all) * 1.25];
  const last = Math.max(
    ...curves.flatMap(({ points }) => points.map(([quantile]) => place(quantile))),
    ...promises.map(({ quantile }) => place(quantile)),
  );
  const x = linear(0, last * 1.04, LEFT, RIGHT);
  const y = logarithmic(low, high, BOTTOM, TOP);
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Latency by the share of transactions that took no longer">`,
    ...logTicks(low, high).flatMap((tick) => [
      `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${fixed(y(tick))}" y2="${fixed(y(tick))}"/>`,
      `<text x="${LEFT - 8}" y="${fixed(y(tick) + 4)}" text-anchor="end">${escape(timeText(tick))}</text>`,
    ]),
    ...MARKS.filter((mark) => place(mark) <= last * 1.04).flatMap((mark) => [
      `<line class="grid" x1="${fixed(x(place(mark)))}" x2="${fixed(x(place(mark)))}" y1="${TOP}" y2="${BOTTOM}"/>`,
      `<text x="${fixed(x(place(mark)))}" y="${BOTTOM + 18}" text-anchor="middle">${mark === 0 ? 'least' : quantileName(mark)}</text>`,
    ]),
    ...curves.flatMap(({ ink, points }) =>
      points.length === 0
        ? []
        : [
            `<path class="line ${ink}" d="${points
              .map(
                ([quantile, seconds], i) => `${i === 0 ? 'M' : 'L'}${fixed(x(place(quantile)))} ${fixed(y(seconds))}`,
              )
              .join('')}"/>`,
          ],
    ),
    ...promises.map(({ quantile, seconds }) => {
      const title = `promised: ${quantileName(quantile)} within ${timeText(seconds)}`;
      return `<circle class="promise" cx="${fixed(x(place(quantile)))}" cy="${fixed(y(seconds))}" r="5"><title>${escape(title)}</title></circle>`;
    }),
    ...namesOf(curves, y),
    '</svg>',
  ].join('\n');
};

const LINE_HEIGHT = 14;

/** Each at the height of its end, moved apart where they would lie on each other. */
const namesOf = (curves: readonly Curve[], y: (seconds: number) => number): string[] => {
  let before = -Infinity;
  return curves
    .flatMap(({ name, ink, points }) => {
      const end = points.at(-1)?.[1];
      return end === undefined ? [] : [{ name, ink, at: y(end) }];
    })
    .sort((a, b) => a.at - b.at)
    .map(({ name, ink, at }) => {
      before = Math.max(at, before + LINE_HEIGHT);
      return `<text class="at-line ${ink}" x="${RIGHT + 8}" y="${fixed(before + 4)}">${escape(name)}</text>`;
    });
};

export const curveStyles = `
svg .promise { fill: none; stroke: var(--bad); stroke-width: 1.8 }
`;
