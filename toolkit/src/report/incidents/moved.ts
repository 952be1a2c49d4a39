import type { Point } from '../../prometheus/answer';
import { madOf, medianOf } from '../../statistics/quantiles';
import type { Moved } from '../model';
import { iso } from '../asking';
import type { Signal } from './signals';

/** What is usual is taken from before `until`; from there on moves count. */
export type Look = { readonly until: number };

/** So many times the usual distance from the median is a move. */
const SPREADS = 5;
/** One point may be a slip; so many in a row are none. */
const IN_A_ROW = 3;
const ENOUGH = 20;

/** When a signal first left where it usually is and stayed away; nothing if it did not, or was not there to tell. */
export const moveOf = (
  { name, unit, least }: Pick<Signal, 'name' | 'unit' | 'least'>,
  points: readonly Point[],
  { until }: Look,
): Moved | undefined => {
  const before = points.filter(([at]) => at < until).map(([, value]) => value);
  const after = points.filter(([at]) => at >= until);
  if (before.length < ENOUGH) return undefined;
  const usual = medianOf(before);
  const smallest = 'by' in least ? least.by : least.share * Math.abs(usual);
  const band = Math.max(SPREADS * madOf(before), smallest);
  const away = (point: Point | undefined, sign: number): boolean =>
    point !== undefined && (point[1] - usual) * sign >= band && band > 0;
  const first = after.findIndex((point, i) => {
    const sign = Math.sign(point[1] - usual);
    return Array.from({ length: IN_A_ROW }, (_, k) => after[i + k]).every((one) => away(one, sign));
  });
  const start = after[first];
  if (start === undefined) return undefined;
  const sign = Math.sign(start[1] - usual);
  const reached = after.slice(first).reduce((most, [, value]) => ((value - most) * sign > 0 ? value : most), start[1]);
  return { signal: name, at: iso(start[0]), direction: sign > 0 ? 'rose' : 'fell', usual, reached, unit };
};
