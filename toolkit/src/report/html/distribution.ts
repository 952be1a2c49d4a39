import { latencyTargets } from '@submilli/catalogue';
import { escape } from '../../page/escape';
import { fixed, linear, logarithmic, logTicks } from '../../page/svg';
import type { LatencyOfDatabase } from '../model';
import { latencyText, percentText, placeText, quantileName } from '../words';

const WIDTH = 960;
const LEFT = 62;
const RIGHT = WIDTH - 104;
const TOP = 18;
const BOTTOM = 118;
const HEIGHT = BOTTOM + 26;
/** The first bucket begins at nothing, which a logarithm has no place for. */
const FIRST = 0.5;

type Bar = { readonly from: number; readonly to: number; readonly share: number };

/**
 * How many statements took how long: each bucket as wide as it is on a logarithmic axis, and as high as its share for
 * that width, so that the area is what counts. This period filled, the one before as a line.
 */
export const distributionPlot = (one: LatencyOfDatabase): string => {
  const now = barsOf(one.buckets.map(({ le, now: count }) => ({ le, count })));
  const before = barsOf(one.buckets.flatMap(({ le, before: count }) => (count === null ? [] : [{ le, count }])));
  const shown = [...now, ...before].filter(({ share }) => share > 1e-7);
  if (shown.length === 0) return '';
  const [low, high] = [Math.min(...shown.map(({ from }) => from)), Math.max(...shown.map(({ to }) => to))];
  const x = logarithmic(low, high, LEFT, RIGHT);
  const density = ({ from, to, share }: Bar): number => share / Math.log(to / from);
  const y = linear(0, Math.max(...shown.map(density)) * 1.05, BOTTOM, TOP);
  const outline = (bars: readonly Bar[]): string =>
    bars
      .filter(({ to, from }) => to > low && from < high)
      .map((bar) => `L${fixed(x(bar.from))} ${fixed(y(density(bar)))}L${fixed(x(bar.to))} ${fixed(y(density(bar)))}`)
      .join('');
  const closed = (bars: readonly Bar[]): string => `M${LEFT} ${BOTTOM}${outline(bars)}L${RIGHT} ${BOTTOM}`;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(`Distribution of latency of ${placeText(one)}`)}">`,
    `<path class="filled" d="${closed(now)}Z"><title>this period</title></path>`,
    before.length === 0 ? '' : `<path class="line soft" d="${closed(before)}"><title>the period before</title></path>`,
    ...now
      .filter(({ share, to, from }) => share > 0.001 && to > low && from < high)
      .map(
        (bar) =>
          `<rect class="hover" x="${fixed(x(bar.from))}" y="${TOP}" width="${fixed(x(bar.to) - x(bar.from))}" height="${BOTTOM - TOP}"><title>${escape(`${percentText(bar.share)} took up to ${latencyText(bar.to)}`)}</title></rect>`,
      ),
    `<line class="base" x1="${LEFT}" x2="${RIGHT}" y1="${BOTTOM}" y2="${BOTTOM}"/>`,
    ...logTicks(low, high).map(
      (tick) =>
        `<text x="${fixed(x(tick))}" y="${BOTTOM + 18}" text-anchor="middle">${escape(latencyText(tick))}</text>`,
    ),
    ...latencyTargets
      .filter(({ quantile, seconds }) => [0.5, 0.99, 0.999].includes(quantile) && seconds > low && seconds < high)
      .flatMap(({ quantile, seconds }) => [
        `<line class="level bad" x1="${fixed(x(seconds))}" x2="${fixed(x(seconds))}" y1="${TOP}" y2="${BOTTOM}"/>`,
        `<text x="${fixed(x(seconds))}" y="${TOP - 5}" text-anchor="middle">${quantileName(quantile)} promised</text>`,
      ]),
    '</svg>',
  ]
    .filter((line) => line !== '')
    .join('\n');
};

const barsOf = (cumulative: readonly { readonly le: number; readonly count: number }[]): readonly Bar[] => {
  const total = cumulative.at(-1)?.count ?? 0;
  return total === 0
    ? []
    : cumulative.map(({ le, count }, i) => ({
        from: cumulative[i - 1]?.le ?? le * FIRST,
        to: le,
        share: (count - (cumulative[i - 1]?.count ?? 0)) / total,
      }));
};
