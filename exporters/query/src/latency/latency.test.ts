import fc from 'fast-check';
import { callsBetween, noteCalls } from './calls';
import { estimateLatency, type Strata } from './estimate';
import { enterDurations, type Duration, OTHERS, startLedger } from './ledger';
import { ACCURACY, addAll, emptySketch, merge, quantilesOf, scale, weightOf } from './sketch';
import { observeWindow, startWindow, strataOf } from './window';
import { typeOfLine } from './kinds';
import { loadParser, type QueryType } from '../statements/query-type';

const seconds = fc.double({ min: 1e-6, max: 100, noNaN: true });
const sketchOf = (values: readonly number[], weight = 1) =>
  addAll(
    emptySketch,
    values.map((value) => ({ seconds: value, weight })),
  );

describe('a sketch', () => {
  it('gives every quantile within its accuracy', () => {
    fc.assert(
      fc.property(
        fc.array(seconds, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)] ?? NaN;
          const [found = NaN] = quantilesOf(sketchOf(values), [q]);
          expect(Math.abs(found / exact - 1)).toBeLessThanOrEqual(ACCURACY * 1.001);
        },
      ),
    );
  });

  it('of parts adds up to that of the whole, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.array(seconds, { maxLength: 20 }), { maxLength: 6 }), (parts) => {
        const whole = sketchOf(parts.flat());
        const sorted = (sketch: ReadonlyMap<number, number>) => [...sketch].sort(([a], [b]) => a - b);
        expect(sorted(merge(parts.map((part) => sketchOf(part))))).toEqual(sorted(whole));
        expect(sorted(merge([...parts].reverse().map((part) => sketchOf(part))))).toEqual(sorted(whole));
      }),
    );
  });

  it('scales its weight and keeps its quantiles', () => {
    const sketch = sketchOf([0.001, 0.002, 0.003]);
    expect(weightOf(scale(sketch, 2.5))).toBeCloseTo(7.5);
    expect(quantilesOf(scale(sketch, 2.5), [0.5])).toEqual(quantilesOf(sketch, [0.5]));
  });

  it('leaves out what is no duration, and is bounded whatever comes', () => {
    expect(sketchOf([NaN, -1, Infinity]).size).toBe(0);
    expect(quantilesOf(emptySketch, [0.5])).toEqual([undefined]);
    fc.assert(fc.property(fc.array(fc.double()), (values) => sketchOf(values).size <= 2600));
  });
});

/** A stream of uniform numbers that is the same at each run (mulberry32). */
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

const draw = (all: readonly number[], threshold: number, rate: number, random: () => number): Strata => {
  const drawn = all.filter((value) => value < threshold && random() < rate);
  return {
    tail: sketchOf(all.filter((value) => value >= threshold)),
    body: sketchOf(drawn, 1 / rate),
    drawn: drawn.length,
  };
};

describe('the estimate from a log that has all of the tail and a share of the body', () => {
  const QUANTILES = [0.5, 0.95, 0.99, 0.999];
  const exactOf = (all: readonly number[]) => {
    const sorted = [...all].sort((a, b) => a - b);
    return (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? NaN;
  };
  /** Log-normal body around 0.3 ms, and a heavy tail of 4 %. */
  const population = (random: () => number, size: number): number[] =>
    Array.from({ length: size }, () => {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return random() < 0.04 ? 0.001 / (1 - random()) ** 0.5 : 0.0003 * Math.exp(0.4 * normal);
    });

  it('covers the truth with its bounds about as often as it says', () => {
    let told = 0;
    let covered = 0;
    for (let round = 0; round < 60; round += 1) {
      const random = randomOf(round + 1);
      const all = population(random, 30_000);
      const exact = exactOf(all);
      for (const one of estimateLatency(draw(all, 0.001, 0.02, random), all.length, QUANTILES).quantiles) {
        told += 1;
        const truth = exact(one.quantile);
        if (truth >= one.low && truth <= one.high) covered += 1;
      }
    }
    expect(told).toBe(60 * QUANTILES.length);
    expect(covered / told).toBeGreaterThan(0.93);
  });

  it('has the tail exactly, however little of the body is drawn', () => {
    const random = randomOf(7);
    const all = population(random, 50_000);
    const exact = exactOf(all);
    const { quantiles } = estimateLatency(draw(all, 0.001, 0.01, random), all.length, [0.99, 0.999]);
    expect(quantiles).toHaveLength(2);
    for (const { quantile, seconds: value, effective } of quantiles) {
      expect(Math.abs(value / exact(quantile) - 1)).toBeLessThan(2 * ACCURACY);
      expect(effective).toBeGreaterThan(45_000);
    }
  });

  it('has the truth within its bounds where all is logged, though a bin has but one value', () => {
    const all = Array.from({ length: 2000 }, (_, i) => 0.0041 + (i % 7) * 1e-7);
    const exact = exactOf(all);
    const { quantiles } = estimateLatency({ tail: sketchOf(all), body: emptySketch, drawn: 0 }, undefined, QUANTILES);
    expect(quantiles).toHaveLength(3);
    for (const { quantile, low, high } of quantiles) {
      expect(low).toBeLessThanOrEqual(exact(quantile));
      expect(high).toBeGreaterThanOrEqual(exact(quantile));
    }
  });

  it('tells no quantile that fewer than ten observations lie beyond', () => {
    const all = Array.from({ length: 999 }, (_, i) => 0.001 + i * 1e-6);
    const strata: Strata = { tail: sketchOf(all), body: emptySketch, drawn: 0 };
    expect(estimateLatency(strata, undefined, QUANTILES).quantiles.map(({ quantile }) => quantile)).toEqual([
      0.5, 0.95,
    ]);
    const one = { tail: sketchOf([...all, 0.5]), body: emptySketch, drawn: 0 };
    expect(estimateLatency(one, undefined, QUANTILES).quantiles.map(({ quantile }) => quantile)).toEqual([
      0.5, 0.95, 0.99,
    ]);
  });

  it('tells nothing that lies between the longest that was drawn and the tail: that nothing is seen there is no proof', () => {
    let told = 0;
    for (let round = 0; round < 30; round += 1) {
      const random = randomOf(round + 1);
      const all = Array.from({ length: 16_000 }, () => 0.002 / Math.sqrt(1 - random()));
      const exact = exactOf(all)(0.99);
      for (const { seconds: value } of estimateLatency(draw(all, 0.0203, 0.01, random), all.length, [0.99]).quantiles) {
        told += 1;
        expect(Math.abs(value / exact - 1)).toBeLessThan(2 * ACCURACY);
      }
    }
    expect(told).toBeGreaterThan(0);
  });

  it('tells nothing beyond all that was drawn where no tail is logged', () => {
    const random = randomOf(5);
    const all = population(random, 30_000);
    const { quantiles } = estimateLatency(draw(all, Infinity, 0.01, random), all.length, QUANTILES);
    expect(quantiles.map(({ quantile }) => quantile)).toEqual([0.5, 0.95]);
  });

  it('takes no correction from a count that counts something else', () => {
    const random = randomOf(3);
    const all = population(random, 30_000);
    const strata = draw(all, 0.001, 0.02, random);
    expect(estimateLatency(strata, 30_000, QUANTILES).counted).toBe(true);
    expect(estimateLatency(strata, 90_000, QUANTILES).counted).toBe(false);
    expect(estimateLatency(strata, 10, QUANTILES).counted).toBe(false);
    expect(estimateLatency(strata, undefined, QUANTILES).counted).toBe(false);
  });

  it('never gets bounds the wrong way round, nor quantiles that fall', () => {
    fc.assert(
      fc.property(
        fc.array(seconds, { minLength: 200, maxLength: 400 }),
        fc.integer({ min: 1, max: 99 }),
        (all, rate) => {
          const { quantiles } = estimateLatency(draw(all, 1, rate / 100, randomOf(rate)), all.length, QUANTILES);
          quantiles.forEach(({ seconds: value, low, high }, i) => {
            expect(low).toBeLessThanOrEqual(value);
            expect(value).toBeLessThanOrEqual(high);
            expect(value).toBeGreaterThanOrEqual(quantiles[i - 1]?.seconds ?? 0);
          });
        },
      ),
    );
  });
});

describe('a window', () => {
  it('forgets what is older than it covers, a slot at a time', () => {
    let window = startWindow(10);
    for (let second = 1; second <= 60; second += 1) {
      const observations = [{ key: 'k', seconds: 0.001, weight: 1 }];
      window = observeWindow(window, observations, (second - 1) * 1000, second * 1000);
      const kept = weightOf(strataOf(window).get('k')?.tail ?? emptySketch);
      expect(kept).toBeGreaterThanOrEqual(Math.min(second, 10));
      expect(kept).toBeLessThanOrEqual(11);
    }
  });

  it('is bounded in kinds', () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ key: `k${i}`, seconds: 1, weight: 1 }));
    expect(strataOf(observeWindow(startWindow(10), many, 0, 1)).size).toBe(1000);
  });
});

describe('the histograms', () => {
  const kind = { type: 'select', phase: 'execute' } as const;
  const durations = fc.array(
    fc.record({
      database: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      seconds,
      weight: fc.integer({ min: 1, max: 100 }),
    }),
    { maxLength: 30 },
  );

  it('count every observation once and never go backwards, whoever is shown', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 8 }), (beats) => {
        let ledger = startLedger(2);
        let entered = 0;
        const last = new Map<string, number>();
        for (const beat of beats) {
          ledger = enterDurations(
            ledger,
            beat.map((one): Duration => ({ ...kind, ...one })),
          );
          entered += beat.reduce((sum, { weight }) => sum + weight, 0);
          let all = 0;
          for (const [key, { histogram }] of ledger.accounts) {
            const own = histogram.counts.reduce((sum, count) => sum + count, 0);
            expect(own).toBeGreaterThanOrEqual(last.get(key) ?? 0);
            last.set(key, own);
            all += own;
          }
          expect(all).toBeCloseTo(entered);
        }
        const names = new Set([...ledger.accounts.values()].map(({ database }) => database));
        expect([...names].filter((name) => name !== OTHERS).length).toBeLessThanOrEqual(5);
      }),
    );
  });
});

describe('calls between two moments', () => {
  it('follow a straight line between the counts', () => {
    let history = noteCalls([], { at: 0, calls: new Map([['k', 100]]) }, 60_000);
    for (let at = 5000; at <= 120_000; at += 5000) {
      history = noteCalls(history, { at, calls: new Map([['k', 100 + at / 10]]) }, 60_000);
    }
    expect(history.length).toBeLessThanOrEqual(14);
    expect(callsBetween(history, 'k', 62_000, 118_000)).toBeCloseTo(5600);
    expect(callsBetween(history, 'k', 62_000, 122_000)).toBeCloseTo(6000);
    expect(callsBetween(history, 'k', 0, 118_000)).toBeUndefined();
    expect(callsBetween([], 'k', 0, 1)).toBeUndefined();
  });
});

describe('the type of a logged statement', () => {
  beforeAll(loadParser);

  it('is what the parser says, remembered by id; without an id it is the command tag', () => {
    const known = new Map<string, QueryType>();
    const line = { queryid: '1', text: 'WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x', tag: 'SELECT' };
    expect(typeOfLine(line, known)).toBe('delete');
    expect(typeOfLine({ queryid: '1', text: null, tag: 'BIND' }, known)).toBe('delete');
    expect(typeOfLine({ queryid: null, text: 'SELECT 1', tag: 'SELECT' }, known)).toBe('select');
    expect(typeOfLine({ queryid: null, text: 'COMMIT', tag: 'COMMIT' }, known)).toBe('transaction');
    expect(typeOfLine({ queryid: null, text: null, tag: 'PARSE' }, known)).toBe('other');
    expect(typeOfLine({ queryid: null, text: 'UPDATE t SET x = 1', tag: 'BIND' }, known)).toBe('update');
  });
});
