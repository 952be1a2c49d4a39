import fc from 'fast-check';
import { inflationOf, inflationOfBatches, leastP, neighboursCorrelation, rankTest, shiftOf } from './ranks';

const values = (min: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: min, maxLength: 25 });
/** Reproducible, and normal. */
const gaussian = (seed: number): (() => number) => {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());
};
const many = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

describe('a shift', () => {
  it('is the median of all differences, as if they were sorted', () => {
    fc.assert(
      fc.property(values(1), values(1), (a, b) => {
        const sorted = a.flatMap((x) => b.map((y) => x - y)).sort((x, y) => x - y);
        const middle = (sorted.length - 1) / 2;
        const expected = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
        expect(shiftOf(a, b).value).toBeCloseTo(expected, 9);
      }),
    );
  });

  it('lies in its interval, which inflation only widens, and turns round with its sides', () => {
    fc.assert(
      fc.property(values(2), values(2), (a, b) => {
        const [narrow, wide, other] = [shiftOf(a, b), shiftOf(a, b, 4), shiftOf(b, a)];
        expect(narrow.low).toBeLessThanOrEqual(narrow.value);
        expect(narrow.high).toBeGreaterThanOrEqual(narrow.value);
        expect(wide.low).toBeLessThanOrEqual(narrow.low);
        expect(wide.high).toBeGreaterThanOrEqual(narrow.high);
        expect(other.value).toBeCloseTo(-narrow.value, 9);
        expect(other.low).toBeCloseTo(-narrow.high, 9);
      }),
    );
  });

  it('is in the interval in 95 of 100 samples, give or take', () => {
    const next = gaussian(11);
    const covered = Array.from({ length: 400 }, () => {
      const { low, high } = shiftOf(
        many(24, () => next() + 0.7),
        many(120, next),
      );
      return low <= 0.7 && high >= 0.7;
    }).filter(Boolean).length;
    // ± 3 standard errors of a share of 0.95 in 400.
    expect(covered / 400).toBeGreaterThan(0.917);
    expect(covered / 400).toBeLessThan(0.983);
  });
});

describe('the least p', () => {
  it('is that of samples that have nothing in common', () => {
    const [a, b] = [Array.from({ length: 6 }, (_, i) => 100 + i), Array.from({ length: 50 }, (_, i) => i)];
    expect(leastP(6, 50)).toBeCloseTo(rankTest(a, b).p, 12);
    expect(leastP(6, 50, 3)).toBeCloseTo(rankTest(a, b, 3).p, 12);
    expect(leastP(0, 50)).toBe(1);
  });

  it('is never more than that of any sample without ties', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 4, maxLength: 40 }), (all) => {
        const [a, b] = [all.slice(0, 2), all.slice(2)];
        expect(rankTest(a, b).p).toBeGreaterThanOrEqual(leastP(a.length, b.length) - 1e-12);
      }),
    );
  });
});

describe('inflation', () => {
  const days = (seed: number, share: number): number[][] => {
    const next = gaussian(seed);
    return Array.from({ length: 60 }, () => {
      const day = share * next();
      return many(24, () => day + next());
    });
  };

  it('is none of independent hours, by either way', () => {
    const batches = days(3, 0);
    expect(inflationOfBatches(batches)).toBeLessThan(1.6);
    expect(inflationOf(neighboursCorrelation(batches.flat()))).toBeLessThan(1.2);
  });

  it('of days that differ is seen by their means, and not by neighbours', () => {
    const batches = days(4, 0.5);
    // 24 · 0.25 / 1.25 + 1 / 1.25
    expect(inflationOfBatches(batches)).toBeGreaterThan(3);
    expect(inflationOfBatches(batches)).toBeLessThan(9);
    expect(inflationOf(neighboursCorrelation(batches.flat()))).toBeLessThan(2);
  });

  it('is none where all is the same, or where there is too little to tell', () => {
    const same = Array.from({ length: 20 }, () => new Array<number>(24).fill(0));
    expect(inflationOfBatches(same)).toBe(1);
    expect(neighboursCorrelation(same.flat())).toBe(0);
    expect(inflationOfBatches(days(5, 9).slice(0, 4))).toBe(1);
  });
});
