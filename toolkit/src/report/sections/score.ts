import { alertThresholds } from '@submilli/catalogue';
import { medianOf } from '../../statistics/quantiles';
import type { Point } from '../../prometheus/answer';
import {
  type Asking,
  coverageOf,
  iso,
  keyOf,
  overWindows,
  overWindowsBefore,
  pointsByPlace,
  select,
  whereOf,
} from '../asking';
import type { ScoreOfDatabase } from '../model';

const SCORE = 'db_performance_score';
const BY = 'cluster, database';
/** A component has all its points from here on. */
const ALL_POINTS = 99.5;

/** The score of each database over the period, the one that was lowest first. */
export const scoresOf = async (asking: Asking): Promise<readonly ScoreOfDatabase[]> => {
  const score = select(asking, SCORE);
  const lowest = `min by (${BY}) (min_over_time(${score}[{w}]))`;
  const mean = `min by (${BY}) (avg_over_time(${score}[{w}]))`;
  const looks = Math.max(30, asking.period.step / 20);
  const below = `max by (${BY}) (avg_over_time((${score} < bool ${alertThresholds.healthScore})[{w}:${looks}s]))`;
  const components = `min by (${BY}, component) (avg_over_time(${select(asking, `${SCORE}_component`)}[{w}:${looks}s]))`;

  const lows = await overWindows(asking, lowest);
  const means = pointsByPlace(await overWindows(asking, mean));
  const belows = pointsByPlace(await overWindows(asking, below));
  const parts = await overWindows(asking, components);
  const lowsBefore = pointsByPlace(await overWindowsBefore(asking, lowest));
  const meansBefore = pointsByPlace(await overWindowsBefore(asking, mean));

  const scores = lows.map(({ labels, points }): ScoreOfDatabase => {
    const key = keyOf(labels);
    const [at, value] = leastOf(points);
    const before = { means: valuesOf(meansBefore.get(key)), lows: valuesOf(lowsBefore.get(key)) };
    const worst = parts
      .filter((part) => keyOf(part.labels) === key)
      .map((part) => ({ component: part.labels.component ?? '', points: averageOf(valuesOf(part.points)) }))
      .sort((a, b) => a.points - b.points)[0];
    return {
      ...whereOf(labels),
      median: medianOf(valuesOf(means.get(key))),
      lowest: { value, at: iso(at) },
      belowSeconds: valuesOf(belows.get(key)).reduce((sum, share) => sum + share * asking.period.step, 0),
      previous: before.means.length === 0 ? null : { median: medianOf(before.means), lowest: Math.min(...before.lows) },
      worst: worst === undefined || worst.points >= ALL_POINTS ? null : worst,
      coverage: coverageOf(asking.period, points),
      points,
    };
  });
  return scores.sort((a, b) => a.lowest.value - b.lowest.value || a.median - b.median);
};

const valuesOf = (points: readonly Point[] | undefined): number[] => (points ?? []).map(([, value]) => value);
const averageOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const leastOf = (points: readonly Point[]): Point =>
  points.reduce((least, point) => (point[1] < least[1] ? point : least), points[0] ?? [NaN, NaN]);
