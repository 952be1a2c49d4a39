import fc from 'fast-check';
import { breakingOf, kneeOf, nextOf, type Point, recoveredAt } from './knee';

const point = (clients: number, throughput: number, broken: readonly string[] = []): Point => ({
  ...{ clients, throughput, broken },
});
const doubling = [1, 2, 4, 8, 16, 32, 64, 128];
/** A system of so many servers, each of 100 a second, with nothing else in the way. */
const ideal = (servers: number) => doubling.map((clients) => point(clients, 100 * Math.min(clients, servers)));

describe('the knee', () => {
  it('is where all servers are busy and nobody waits yet', () => {
    for (const servers of [1, 2, 8, 32]) expect(kneeOf(ideal(servers))?.clients).toBe(servers);
  });

  it('is not known before something past it was seen', () => {
    expect(kneeOf([])).toBeUndefined();
    expect(kneeOf(ideal(8).slice(0, 4))).toBeUndefined();
    expect(kneeOf(ideal(8).slice(0, 5))?.clients).toBe(8);
    expect(kneeOf(ideal(1000))).toBeUndefined();
  });

  it('is where it is, though throughput falls past it and each step is off by some percent', () => {
    const off = fc.array(fc.double({ min: 0.93, max: 1.07, noNaN: true }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(off, fc.constantFrom(2, 4, 8, 16), (factors, servers) => {
        const noisy = ideal(servers).map((one, i) => {
          const tired = one.clients > servers ? 0.9 : 1;
          return { ...one, throughput: one.throughput * tired * (factors[i] ?? 1) };
        });
        expect(kneeOf(noisy)?.clients).toBe(servers);
      }),
    );
  });

  it('is none of a system that does nothing', () => {
    expect(kneeOf(doubling.map((clients) => point(clients, 0)))).toBeUndefined();
  });
});

describe('the breaking point', () => {
  it('is the first step that breaks a promise, even the first of all', () => {
    expect(breakingOf([point(1, 100), point(2, 200, ['P99']), point(4, 300, ['P99'])])?.point.clients).toBe(2);
    expect(breakingOf([point(1, 100, ['P50'])])).toMatchObject({ point: { clients: 1 }, why: ['P50'] });
  });

  it('is where less gets done than with fewer clients, and not where it is a little less', () => {
    expect(breakingOf([point(1, 100), point(2, 76)])).toBeUndefined();
    expect(breakingOf([point(1, 100), point(2, 200), point(4, 100)])).toMatchObject({
      ...{ point: { clients: 4 }, why: ['50 % fewer transactions were done than with fewer clients'] },
    });
  });
});

describe('the next step', () => {
  const ramp = { first: 1, most: 100 };

  it('is the first, then twice as many, and at the end as many as were asked for', () => {
    expect(nextOf([], ramp)).toEqual({ clients: 1 });
    expect(nextOf([point(1, 100)], ramp)).toEqual({ clients: 2 });
    expect(nextOf([point(64, 100)], ramp)).toEqual({ clients: 100 });
    expect(nextOf([point(100, 100)], ramp)).toEqual({ end: expect.stringContaining('100 clients') as string });
  });

  it('is none when the knee is well behind, or something broke past it', () => {
    expect(nextOf(ideal(2).slice(0, 3), ramp)).toEqual({ clients: 8 });
    expect(nextOf(ideal(2).slice(0, 4), ramp)).toHaveProperty('end');
    const broken = [...ideal(2).slice(0, 2), point(4, 200, ['P99'])];
    expect(nextOf(broken, ramp)).toEqual({ end: 'it broke past the knee' });
  });

  it('is none when nothing gets done', () => {
    expect(nextOf([point(1, 100), point(2, 0)], ramp)).toEqual({ end: 'nothing gets done any more' });
  });

  it('ends after few steps, whatever the system does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 12 }), fc.integer({ min: 1, max: 1000 }), (tps, most) => {
        const points: Point[] = [];
        for (;;) {
          const next = nextOf(points, { first: 1, most });
          if ('end' in next) break;
          expect(next.clients).toBeLessThanOrEqual(most);
          points.push(point(next.clients, tps[points.length] ?? 0));
        }
        expect(points.length).toBeLessThanOrEqual(11);
      }),
    );
  });
});

describe('recovery', () => {
  const seconds = (...medians: (number | null)[]) =>
    medians.map((p50, at) => ({ at, count: p50 === null ? 0 : 10, p50 }));

  it('is from when on it is as before', () => {
    expect(recoveredAt(seconds(1, 1, 1), 1)).toBe(0);
    expect(recoveredAt(seconds(9, 5, 1.4, 1, 1), 1)).toBe(2);
  });

  it('is not a single good second, a silence, or what was not seen to last', () => {
    expect(recoveredAt(seconds(9, 1, 9, 1, 1, 1), 1)).toBe(3);
    expect(recoveredAt(seconds(null, null, null), 1)).toBeNull();
    expect(recoveredAt(seconds(9, 9, 1, 1), 1)).toBeNull();
  });
});
