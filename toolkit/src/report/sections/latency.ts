import { latencySlo, latencyTargets } from '@submilli/catalogue';
import type { Point, Sample, Series } from '../../prometheus/answer';
import { type Asking, byKey, coverageOf, grownBy, keyOf, overWindows, pointsByPlace, select, whereOf } from '../asking';
import {
  type Cumulative,
  cumulativeOf,
  distributionOf,
  quantileIn,
  reportedQuantiles,
  slowerThan,
  totalOf,
} from '../histogram';
import type { LatencyOfDatabase, TargetKept } from '../model';

const LATENCY = 'db_query_latency_seconds';
/** Whole statements and the execute step of prepared ones, as in dashboards and rules. */
const WHOLE = 'phase=~"simple|execute"';
const BY = 'cluster, database';
const ENOUGH_BEYOND = 10;

/** Executor time of each database against what was promised and against the period before, the slowest tail first. */
export const latencyOf = async (asking: Asking): Promise<readonly LatencyOfDatabase[]> => {
  const { prometheus, period } = asking;
  const bucket = select(asking, `${LATENCY}_bucket`, WHOLE);
  const grown = grownBy(`${BY}, query_type, le`, bucket, period.seconds);
  const now = byKey(await prometheus.at(grown, period.to), keyOf2);
  const before = byKey(await prometheus.at(grown, period.from), keyOf2);
  const commits = byKey(
    await prometheus.at(
      grownBy(`${BY}, le`, select(asking, 'db_commit_duration_seconds_bucket', 'source="log"'), period.seconds),
      period.to,
    ),
    keyOf2,
  );
  const lines = await linesOf(asking, bucket);
  const all = [...now].flatMap(([key, samples]): LatencyOfDatabase[] => {
    const buckets = bucketsOf(samples);
    if (totalOf(buckets) === 0) return [];
    const earlier = bucketsOf(before.get(key) ?? []);
    const slowRatio = slowerThan(buckets, latencySlo.withinSeconds);
    const commit = bucketsOf(commits.get(key) ?? []);
    return [
      {
        ...whereOf(samples[0]?.labels ?? {}),
        distribution: distributionOf(buckets),
        previous: totalOf(earlier) === 0 ? null : distributionOf(earlier),
        targets: latencyTargets.map((target) => keptOf(target, buckets, earlier)),
        budget: slowRatio === undefined ? null : { slowRatio, usedRatio: slowRatio / (1 - latencySlo.objective) },
        kinds: kindsOf(samples),
        commit: totalOf(commit) === 0 ? null : distributionOf(commit),
        coverage: coverageOf(period, lines.get(key)?.[0]?.points ?? []),
        lines: lines.get(key) ?? [],
        buckets: buckets.flatMap(({ le, count }, i) =>
          le === Infinity
            ? []
            : [{ le, now: count, before: earlier[i]?.le === le ? (earlier[i]?.count ?? null) : null }],
        ),
      },
    ];
  });
  return all.sort((a, b) => tailOf(b) - tailOf(a));
};

const keyOf2 = ({ labels }: Sample): string => keyOf(labels);
const tailOf = ({ distribution: { quantiles } }: LatencyOfDatabase): number =>
  quantiles.find(({ quantile }) => quantile === 0.99)?.seconds ?? 0;

const boundOf = (text: string | undefined): number => (text === '+Inf' ? Infinity : Number(text));

/** All kinds together. */
const bucketsOf = (samples: readonly Sample[]): Cumulative => {
  const counts = new Map<number, number>();
  for (const { labels, value } of samples) {
    const le = boundOf(labels.le);
    counts.set(le, (counts.get(le) ?? 0) + value);
  }
  return cumulativeOf(counts);
};

const kindsOf = (samples: readonly Sample[]): LatencyOfDatabase['kinds'] =>
  [...byKey(samples, ({ labels }) => labels.query_type ?? '')]
    .map(([queryType, own]) => ({ queryType, ...distributionOf(bucketsOf(own)) }))
    .filter(({ statements }) => statements >= 1)
    .sort((a, b) => b.statements - a.statements);

const keptOf = (
  { quantile, seconds: target }: (typeof latencyTargets)[number],
  now: Cumulative,
  before: Cumulative,
): TargetKept => {
  const found = quantileIn(now, quantile) ?? null;
  // Where the promise is the bound of a bucket, the share tells it exactly.
  const slower = slowerThan(now, target);
  const exact = slower === undefined ? undefined : slower <= 1 - quantile;
  return {
    ...{ quantile, target, now: found, before: quantileIn(before, quantile) ?? null },
    kept: found === null ? null : (exact ?? found.seconds <= target),
  };
};

/** Quantiles over time, without those windows in which too few statements stand behind one. */
const linesOf = async (asking: Asking, bucket: string): Promise<ReadonlyMap<string, LatencyOfDatabase['lines']>> => {
  const counts = pointsByPlace(
    await overWindows(asking, `sum by (${BY}) (increase(${select(asking, `${LATENCY}_count`, WHOLE)}[{w}]))`),
  );
  const lines = new Map<string, { quantile: number; points: readonly Point[] }[]>();
  for (const quantile of reportedQuantiles) {
    const expr = `histogram_quantile(${quantile}, sum by (${BY}, le) (rate(${bucket}[{w}])))`;
    for (const { labels, points } of await overWindows(asking, expr)) {
      const key = keyOf(labels);
      const enough = enoughAt(counts.get(key) ?? [], quantile);
      const kept = points.filter(([at]) => enough.has(at));
      if (kept.length > 0) lines.set(key, [...(lines.get(key) ?? []), { quantile, points: kept }]);
    }
  }
  return lines;
};

const enoughAt = (counts: Series['points'], quantile: number): ReadonlySet<number> =>
  new Set(counts.flatMap(([at, count]) => (count * (1 - quantile) >= ENOUGH_BEYOND ? [at] : [])));
