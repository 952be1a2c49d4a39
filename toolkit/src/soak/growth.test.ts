import fc from 'fast-check';
import { growthOf, leaks, lowerEnvelope, type Reading } from './growth';
import { seeded } from './random';

const how = { warmUpSeconds: 300, stretchSeconds: 60 };
const MB = 1e6;

/** An hour of a heap, read every two seconds: it fills and is collected, and keeps a little more each second. */
const heap = (options: {
  readonly seed: number;
  readonly leakPerHour: number;
  readonly sawToothMb: number;
  readonly periodSeconds: number;
  readonly restarts?: readonly number[];
  readonly seconds?: number;
}): Reading[] => {
  const { seed, leakPerHour, sawToothMb, periodSeconds, restarts = [], seconds = 3600 } = options;
  const random = seeded(seed);
  const levels = [0, ...restarts].map(() => (40 + random() * 60) * MB);
  return Array.from({ length: seconds / 2 }, (_, i) => {
    const at = i * 2;
    const life = restarts.filter((restart) => at >= restart).length;
    const began = restarts[life - 1] ?? 0;
    const warm = 30 * MB * (1 - Math.exp(-(at - began) / 60));
    const tooth = ((at % periodSeconds) / periodSeconds) * sawToothMb * MB;
    const leaked = (leakPerHour * MB * (at - began)) / 3600;
    return { at, life: String(life), value: (levels[life] ?? 0) + warm + tooth + leaked + random() * 0.5 * MB };
  });
};

const shape = {
  seed: fc.integer({ min: 1, max: 1e6 }),
  sawToothMb: fc.integer({ min: 0, max: 60 }),
  periodSeconds: fc.integer({ min: 4, max: 50 }),
};

describe('what tells a leak', () => {
  it('finds what grows by twice the bound in an hour, under any saw-teeth and over restarts', () => {
    fc.assert(
      fc.property(fc.record({ ...shape, leak: fc.integer({ min: 20, max: 200 }) }), ({ leak, ...rest }) => {
        const restarts = [500 + (rest.seed % 400), 1200 + (rest.seed % 500)];
        expect(leaks(growthOf(heap({ ...rest, restarts, leakPerHour: leak }), how), 10 * MB)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('takes neither garbage, nor what a process has from its start, nor steps between two lives for one', () => {
    fc.assert(
      fc.property(fc.record({ ...shape, first: fc.integer({ min: 100, max: 1700 }) }), ({ first, ...rest }) => {
        const restarts = [first, first + 900];
        expect(leaks(growthOf(heap({ ...rest, restarts, leakPerHour: 0 }), how), 10 * MB)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it('is as exact as its interval says', () => {
    const growth = growthOf(heap({ seed: 7, leakPerHour: 25, sawToothMb: 40, periodSeconds: 17 }), how);
    expect(growth.low).toBeLessThanOrEqual(25 * MB);
    expect(growth.high).toBeGreaterThanOrEqual(24 * MB);
    expect(growth.perHour).toBeGreaterThan(20 * MB);
    expect(growth.perHour).toBeLessThan(30 * MB);
  });

  it('finds a descriptor that is lost every few minutes, and does not find one that comes and goes', () => {
    const fds = (lost: (at: number) => number): Reading[] =>
      Array.from({ length: 1800 }, (_, i) => ({ at: i * 2, life: 'a', value: 40 + (i % 3) + lost(i * 2) }));
    expect(
      leaks(
        growthOf(
          fds((at) => Math.floor(at / 300)),
          how,
        ),
        4,
      ),
    ).toBe(true);
    expect(
      leaks(
        growthOf(
          fds((at) => (Math.floor(at / 300) % 2 === 0 ? 5 : 0)),
          how,
        ),
        4,
      ),
    ).toBe(false);
  });

  it('says nothing of a run that is too short', () => {
    const growth = growthOf(heap({ seed: 1, leakPerHour: 500, sawToothMb: 5, periodSeconds: 9, seconds: 600 }), how);
    expect(growth.perHour).toBeNull();
    expect(leaks(growth, 1)).toBe(false);
  });

  it('leaves the warm-up of each life out, and takes the lowest of each stretch', () => {
    const readings = ['a', 'b'].flatMap((life, n) =>
      Array.from({ length: 100 }, (_, i) => ({ at: n * 1000 + i * 10, life, value: i % 6 === 0 ? 1 : 9 })),
    );
    const lives = lowerEnvelope(readings, how);
    expect(lives.map((points) => points[0]?.[0])).toEqual([300, 1300]);
    expect(new Set(lives.flat().map(([, value]) => value))).toEqual(new Set([1]));
  });
});
