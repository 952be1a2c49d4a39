import fc from 'fast-check';
import { changePoints } from './change-points';
import { bothTails, upperTail } from './normal';
import { madOf, medianOf, quantileOf } from './quantiles';
import { holm, inflationOf, neighboursCorrelation, rankTest, shiftOf } from './ranks';
import { trendOf } from './trend';

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const numbers = (min: number): fc.Arbitrary<number[]> => fc.array(number, { minLength: min, maxLength: 40 });

/** Reproducible noise between −1 and 1. */
const noise = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((more ^ (more >>> 14)) >>> 0) / 2147483648 - 1;
  };
};
const noisy = (seed: number, levels: readonly (readonly [level: number, count: number])[], width = 1): number[] => {
  const next = noise(seed);
  return levels.flatMap(([level, count]) => Array.from({ length: count }, () => level + width * next()));
};

describe('quantiles', () => {
  it('are those of R', () => {
    expect(quantileOf([4, 1, 3, 2], 0.25)).toBe(1.75);
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    // R: mad(c(1, 1, 2, 2, 4, 6, 9))
    expect(madOf([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826, 10);
  });

  it('lie between the least and the most, and do not fall', () => {
    fc.assert(
      fc.property(numbers(1), fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        const value = quantileOf(values, p);
        expect(value).toBeGreaterThanOrEqual(Math.min(...values));
        expect(value).toBeLessThanOrEqual(Math.max(...values));
        expect(quantileOf(values, Math.min(1, p + 0.1))).toBeGreaterThanOrEqual(value);
      }),
    );
  });
});

describe('the tail of the normal distribution', () => {
  it('is as in the tables, far out too', () => {
    for (const [z, tail] of [
      [0, 0.5],
      [1.96, 0.024997895],
      [3, 0.001349898],
      [6, 9.865876e-10],
      [-1, 0.841344746],
    ] as const) {
      expect(upperTail(z) / tail).toBeCloseTo(1, 5);
    }
    expect(bothTails(1.959964)).toBeCloseTo(0.05, 6);
  });
});

describe('a trend', () => {
  const line = Array.from({ length: 10 }, (_, x) => [x, 2 * x + 1] as const);

  it('is the slope of a line, and surely one', () => {
    const trend = trendOf(line);
    expect(trend?.slope).toBe(2);
    expect(trend?.at(20)).toBe(41);
    // S = 45, var(S) = 10·9·25/18 = 125, z = 44/√125
    expect(trend?.p).toBeCloseTo(8.3e-5, 6);
  });

  it('does not mind a quarter of wild points', () => {
    const wild = line.map(([x, y], i) => [x, i % 4 === 1 ? y + 1e6 : y] as const);
    expect(trendOf(wild)?.slope).toBeCloseTo(2, 6);
  });

  it('is none where values only vary', () => {
    const next = noise(7);
    const trend = trendOf(Array.from({ length: 28 }, (_, x) => [x, next()] as const));
    expect(trend?.p).toBeGreaterThan(0.05);
    expect((trend?.low ?? 1) < 0 && (trend?.high ?? -1) > 0).toBe(true);
  });

  it('is not told from two points, nor from one value', () => {
    expect(trendOf(line.slice(0, 2))).toBeUndefined();
    expect(trendOf([0, 1, 2, 3].map((x) => [x, 5] as const))).toMatchObject({ slope: 0, p: 1 });
  });

  it('turns with its values: a·y + b has a times the slope', () => {
    fc.assert(
      fc.property(numbers(5), fc.integer({ min: 1, max: 50 }), number, (values, a, b) => {
        const points = values.map((y, x) => [x, y] as const);
        const turned = trendOf(points.map(([x, y]) => [x, a * y + b] as const));
        const trend = trendOf(points);
        expect(turned?.slope).toBeCloseTo(a * (trend?.slope ?? NaN), 4);
        expect((trend?.low ?? NaN) <= (trend?.slope ?? NaN) && (trend?.slope ?? NaN) <= (trend?.high ?? NaN)).toBe(
          true,
        );
      }),
    );
  });
});

describe('a rank test', () => {
  // The example of R's wilcox.test (Hollander and Wolfe 1973, p. 69): W = 35.
  const placenta = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const early = [1.15, 0.88, 0.9, 0.74, 1.21];

  it('is that of R, exact = FALSE', () => {
    const { p, superiority } = rankTest(placenta, early);
    expect(superiority).toBeCloseTo(35 / 50, 10);
    expect(p).toBeCloseTo(0.2446, 3);
  });

  it('counts ties by halves, and takes them off the variance', () => {
    const { p, superiority } = rankTest([1, 2, 2], [2, 3, 3]);
    expect(superiority).toBeCloseTo(1 / 9, 10);
    expect(p).toBeCloseTo(0.1573, 4);
  });

  it('says nothing of what it has nothing of, or all the same', () => {
    expect(rankTest([], [1]).p).toBe(1);
    expect(rankTest([1, 1, 1], [1, 1]).p).toBe(1);
  });

  it('is less sure of values that resemble their neighbours', () => {
    const [a, b] = [noisy(1, [[1, 24]]), noisy(2, [[0, 200]])];
    expect(rankTest(a, b, inflationOf(0.7)).p).toBeGreaterThan(rankTest(a, b).p);
  });

  it('is the same from the other side', () => {
    fc.assert(
      fc.property(numbers(2), numbers(2), (a, b) => {
        const [one, other] = [rankTest(a, b), rankTest(b, a)];
        expect(one.p).toBeCloseTo(other.p, 10);
        expect(one.superiority + other.superiority).toBeCloseTo(1, 10);
        expect(one.p > 0 && one.p <= 1).toBe(true);
      }),
    );
  });

  it('finds by how much', () => {
    expect(shiftOf([11, 12, 13], [1, 2, 3]).value).toBe(10);
  });

  it('knows neighbours that resemble each other', () => {
    const next = noise(3);
    let level = 0;
    const wandering = Array.from({ length: 300 }, () => (level = 0.9 * level + next()));
    expect(neighboursCorrelation(wandering)).toBeGreaterThan(0.7);
    expect(Math.abs(neighboursCorrelation(noisy(4, [[0, 300]])))).toBeLessThan(0.15);
    expect(neighboursCorrelation([1, 1, 1])).toBe(0);
  });
});

describe('Holm’s correction', () => {
  it('is that of R’s p.adjust', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([])).toEqual([]);
  });

  it('never makes anything surer, and keeps the order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (ps) => {
        const adjusted = holm(ps);
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          ps.forEach((q, j) => {
            if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? NaN);
          });
        });
      }),
    );
  });
});

describe('change points', () => {
  it('are where the level changes, several of them', () => {
    const [first = 0, second = 0, ...more] = changePoints(
      noisy(5, [
        [0, 60],
        [3, 80],
        [1, 100],
      ]),
      12,
    );
    expect(more).toEqual([]);
    expect(Math.abs(first - 60)).toBeLessThanOrEqual(2);
    expect(Math.abs(second - 140)).toBeLessThanOrEqual(2);
  });

  it('are found when only the spread changes', () => {
    const found = changePoints([...noisy(6, [[0, 120]], 1), ...noisy(8, [[0, 120]], 8)], 12);
    expect(found).toHaveLength(1);
    expect(Math.abs((found[0] ?? 0) - 120)).toBeLessThanOrEqual(6);
  });

  it('are none in noise, nor made by an outlier', () => {
    const values = noisy(9, [[0, 300]]);
    values[150] = 1e6;
    expect(changePoints(values, 12)).toEqual([]);
    expect(changePoints(new Array<number>(100).fill(1), 12)).toEqual([]);
    expect(changePoints([1, 2], 12)).toEqual([]);
  });

  it('are as exact as a step without noise is', () => {
    const step = [...new Array<number>(20).fill(0), ...new Array<number>(15).fill(100)];
    expect(changePoints(step, 1)).toEqual([20]);
  });

  it('do not depend on the scale, only on the order of values', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 24, max: 80 }), (seed, count) => {
        const values = noisy(seed, [
          [0, count],
          [2, 50],
        ]);
        expect(changePoints(values.map(Math.exp), 12)).toEqual(changePoints(values, 12));
      }),
      { numRuns: 30 },
    );
  });

  it('leave no part shorter than asked', () => {
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 10, maxLength: 120 }),
        fc.integer({ min: 1, max: 20 }),
        (values, least) => {
          const edges = [0, ...changePoints(values, least), values.length];
          for (let i = 1; i < edges.length; i += 1) {
            const length = (edges[i] ?? 0) - (edges[i - 1] ?? 0);
            expect(edges.length === 2 || length >= least).toBe(true);
          }
        },
      ),
    );
  });
});
