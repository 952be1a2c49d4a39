import { latencyAnswer } from '@submilli/api/latency';
import fc from 'fast-check';
import captured from '../../../test/fixtures/latency-0.1.0.json';
import { changeOf } from './compare';
import { heatmapOf, histogramAt, histogramOfAll, quantileOver, shadeOf, trimmed } from './heatmap';
import { boundOf, histogramOf, mergedOf, quantileOf, shareAbove, totalOf } from './histogram';
import { asEstimate, bestOf, confidenceOf, typesOf } from './sources';
import { latencyTargets, formatTargets, targetsOr, parseTargets, quantileName, verdictOf, worstMiss } from './targets';

const BOUNDS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1, Infinity];

/** Durations, and the buckets that Prometheus would have of them. */
const durations = fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 });
const bucketsOf = (values: readonly number[]) =>
  BOUNDS.map((le) => ({ le, upTo: values.filter((value) => value <= le).length }));

describe('a histogram', () => {
  it('holds every observation once, whatever they are', () => {
    fc.assert(fc.property(durations, (values) => totalOf(histogramOf(bucketsOf(values))) === values.length));
  });

  it('bounds each quantile by the bucket that the true one lies in', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0.001, max: 1, noNaN: true }), (values, quantile) => {
        const sorted = values.toSorted((a, b) => a - b);
        const truth = sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0;
        const found = quantileOf(histogramOf(bucketsOf(values)), quantile);
        return found !== null && truth >= found.low && truth <= found.high && found.low <= found.seconds;
      }),
    );
  });

  it('has quantiles that never fall as they get higher', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(durations, share, share, (values, a, b) => {
        const histogram = histogramOf(bucketsOf(values));
        const [low, high] = [quantileOf(histogram, Math.min(a, b)), quantileOf(histogram, Math.max(a, b))];
        return low !== null && high !== null && low.seconds <= high.seconds;
      }),
    );
  });

  it('knows at least and at most how many are above a threshold', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 1e-6, max: 1, noNaN: true }), (values, threshold) => {
        const share = shareAbove(histogramOf(bucketsOf(values)), threshold);
        const truth = values.filter((value) => value > threshold).length / values.length;
        return share !== null && share.low <= truth + 1e-9 && truth <= share.high + 1e-9;
      }),
    );
  });

  it('has no quantile without observations, and says of what lies beyond its last bound only that', () => {
    expect(quantileOf(histogramOf([{ le: 1, upTo: 0 }]), 0.5)).toBeNull();
    expect(shareAbove({ bounds: [], counts: [] }, 1)).toBeNull();
    const beyond = histogramOf([
      { le: 0.1, upTo: 0 },
      { le: Infinity, upTo: 5 },
    ]);
    expect(quantileOf(beyond, 0.5)).toEqual({ seconds: 0.1, low: 0.1, high: Infinity });
  });

  it('does not count less than nothing where Prometheus extrapolated', () => {
    const counts = [3, 2.9, 4].map((upTo, i) => ({ le: i + 1, upTo }));
    expect(histogramOf(counts).counts.every((count) => count >= 0)).toBe(true);
    expect(totalOf(histogramOf(counts))).toBe(4);
  });

  it('is merged with others of the same bounds alone', () => {
    const one = histogramOf(bucketsOf([0.0002, 0.5]));
    expect(totalOf(mergedOf([one, one]) ?? one)).toBe(4);
    expect(mergedOf([one, { bounds: [1], counts: [1] }])).toBeNull();
    expect(mergedOf([])).toBeNull();
  });

  it('reads bounds as Prometheus writes them', () => {
    expect(['0.005', '+Inf', 'Inf', '1e-05'].map(boundOf)).toEqual([0.005, Infinity, Infinity, 1e-5]);
    expect(boundOf('select')).toBeNaN();
    expect(boundOf('')).toBeNaN();
  });
});

describe('a heat map', () => {
  const series = (le: number, values: readonly number[]) => ({ le, times: values.map((_, i) => i * 1000), values });

  it('is the same from buckets that add up and from buckets that do not', () => {
    const cumulative = heatmapOf([series(1, [1, 5]), series(2, [4, 6]), series(Infinity, [4, 9])], true);
    const separate = heatmapOf([series(1, [1, 5]), series(2, [3, 1]), series(Infinity, [0, 3])], false);
    expect(cumulative).toEqual(separate);
    expect(histogramAt(cumulative, 1)).toEqual({ bounds: [1, 2, Infinity], counts: [5, 1, 3] });
    expect(histogramOfAll(cumulative).counts).toEqual([6, 4, 3]);
  });

  it('adds up series of the same bound, and takes a missing point for none', () => {
    const heatmap = heatmapOf([series(1, [1]), series(1, [2, 7]), { le: NaN, times: [0], values: [9] }], true);
    expect(heatmap.rows).toEqual([{ low: 0, high: 1, counts: [3, 7] }]);
  });

  it('keeps its quantiles when empty rows are cut off', () => {
    const heatmap = heatmapOf([series(1, [0]), series(2, [8]), series(4, [8]), series(Infinity, [8])], true);
    expect(trimmed(heatmap).rows).toHaveLength(1);
    expect(quantileOver(trimmed(heatmap), 0.5)).toEqual(quantileOver(heatmap, 0.5));
    expect(trimmed(heatmapOf([series(1, [0])], true)).rows).toEqual([]);
  });

  it('shows the rare, and nothing where there is nothing', () => {
    expect(shadeOf(0, 100, 8)).toBe(0);
    expect(shadeOf(1, 1_000_000, 8)).toBe(1);
    expect(shadeOf(100, 100, 8)).toBe(8);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        (n) => shadeOf(n, 1000, 8) <= shadeOf(Math.min(1000, n + 1), 1000, 8),
      ),
    );
  });
});

describe('targets', () => {
  it('are read as they are written', () => {
    expect(parseTargets(formatTargets(latencyTargets))).toEqual({ targets: latencyTargets, wrong: [] });
    const { targets } = parseTargets('P99.9: 1 s; p50=300us, 90: 1.2');
    expect(targets.map(({ quantile }) => quantile)).toEqual([0.5, 0.9, 0.999]);
    expect(targets.map(({ seconds }) => seconds)).toEqual([expect.closeTo(0.0003), expect.closeTo(0.0012), 1]);
  });

  it('that make no sense are named, and the others hold', () => {
    expect(parseTargets('P99: fast, P50: 1 ms, P101: 2 ms').wrong).toEqual(['P99: fast', 'P101: 2 ms']);
    expect(parseTargets('P99: fast, P50: 1 ms').targets).toHaveLength(1);
    expect(parseTargets('')).toEqual({ targets: [], wrong: [] });
  });

  it('are met or missed only if all that is possible says so', () => {
    const value = { seconds: 2, low: 1, high: 3 };
    expect([4, 3, 2, 1, 0.5].map((target) => verdictOf(value, target))).toEqual([
      ...['met', 'met', 'unsure', 'unsure', 'missed'],
    ]);
    expect(verdictOf(null, 1)).toBe('unknown');
    expect(verdictOf(value, undefined)).toBe('free');
  });

  it('name the one that is missed by most', () => {
    const exactly = (quantile: number, seconds: number) => ({
      quantile,
      value: { seconds, low: seconds, high: seconds },
    });
    expect(worstMiss([exactly(0.5, 0.0006), exactly(0.99, 0.01)], latencyTargets)).toEqual({
      quantile: 0.99,
      ratio: 4,
    });
    expect(worstMiss([exactly(0.5, 0.0001), { quantile: 0.99, value: null }], latencyTargets)).toBeUndefined();
  });

  it('are of quantiles with names', () => {
    expect([0.5, 0.99, 0.999, 0.9999].map(quantileName)).toEqual(['P50', 'P99', 'P99.9', 'P99.99']);
  });
});

describe('a comparison', () => {
  const exactly = (seconds: number) => ({ seconds, low: seconds, high: seconds });

  it('calls nothing better or worse that may be the same', () => {
    expect(changeOf(exactly(2), exactly(1))).toEqual({ ratio: 2, direction: 'worse' });
    expect(changeOf(exactly(1), exactly(2))).toEqual({ ratio: 0.5, direction: 'better' });
    expect(changeOf(exactly(1.02), exactly(1))?.direction).toBe('same');
    expect(changeOf({ seconds: 2, low: 1, high: 3 }, { seconds: 1, low: 0.5, high: 1.5 })?.direction).toBe('same');
  });

  it('says nothing when there is nothing to compare with', () => {
    expect(changeOf(exactly(1), null)).toBeUndefined();
    expect(changeOf(undefined, exactly(1))).toBeUndefined();
    expect(changeOf(exactly(1), exactly(0))).toBeUndefined();
  });
});

describe('sources', () => {
  const types = latencyAnswer.parse(captured).types.map((one) => ({ ...one, target: 'pg1' }));

  it('are never mixed: the log where it says something, else the estimate, which has no bounds', () => {
    const [type] = types;
    if (type === undefined) throw new Error('the fixture has no types');
    const estimate = { calls: 5, quantiles: [{ quantile: 0.5, seconds: 0.001 }] };
    expect(bestOf({ ...type, estimate })?.source).toBe(type.log === null ? 'estimate' : 'log');
    const modelled = bestOf({ ...type, log: null, estimate });
    expect(modelled).toMatchObject({ source: 'estimate', samples: 5, tailComplete: false });
    expect(modelled?.quantiles).toEqual([expect.objectContaining({ low: undefined, confidence: 'low' })]);
    expect(bestOf({ ...type, log: null, estimate: null })).toBeUndefined();
  });

  it('of a real answer have bounds around every value', () => {
    const told = typesOf(types, '').flatMap(({ source, quantiles }) => (source === 'log' ? quantiles : []));
    expect(told.length).toBeGreaterThan(4);
    for (const one of told) {
      expect(one.low).toBeLessThanOrEqual(one.seconds);
      expect(one.high).toBeGreaterThanOrEqual(one.seconds);
    }
  });

  it('are of the database that is asked for', () => {
    expect(typesOf(types, 'no such database')).toEqual([]);
  });

  it('are trusted as far as their bounds are close', () => {
    expect(confidenceOf({ seconds: 1, low: 0.95, high: 1.05 })).toBe('high');
    expect(confidenceOf({ seconds: 1, low: 0.8, high: 1.2 })).toBe('medium');
    expect(confidenceOf({ seconds: 1, low: 0.2, high: 5 })).toBe('low');
    expect(
      verdictOf(asEstimate({ quantile: 0.5, seconds: 1, low: undefined, high: undefined, confidence: 'low' }), 1.1),
    ).toBe('unsure');
  });
});

describe('targets that an administrator chose', () => {
  it('are used where they can be read, and ours where there are none', () => {
    expect(targetsOr('P99: 5 ms')).toEqual([{ quantile: 0.99, seconds: 0.005 }]);
    expect(targetsOr('')).toBe(latencyTargets);
    expect(targetsOr(undefined)).toBe(latencyTargets);
    expect(targetsOr('nonsense')).toBe(latencyTargets);
  });
});
