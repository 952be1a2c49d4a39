import { alone, firstGapMs, startAfterMs } from './place';

describe('the place of a target among many', () => {
  const places = Array.from({ length: 200 }, (_, index) => ({ index, of: 200 }));

  it('a single one begins at once and never beats early', () => {
    expect(startAfterMs(alone)).toBe(0);
    expect(firstGapMs(alone, 60_000)).toBe(60_000);
  });

  it('many begin one after the other, and in some seconds all of them', () => {
    const starts = places.map(startAfterMs);
    expect(new Set(starts).size).toBe(200);
    expect(Math.max(...starts)).toBeLessThan(5000);
  });

  it('their second beats are spread evenly over the interval, and none is earlier than its first', () => {
    const gaps = places.map((place) => firstGapMs(place, 60_000));
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    const quarters = [0, 1, 2, 3].map((n) => gaps.filter((gap) => Math.ceil(gap / 15_000) === n + 1).length);
    expect(quarters).toEqual([50, 50, 50, 50]);
  });
});
