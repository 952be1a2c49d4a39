import fc from 'fast-check';
import { GRADE_MARGIN, gradeOf, grades, publishedScore, RECOVERY_PER_MINUTE } from './hysteresis';

const points = fc.double({ min: 0, max: 100, noNaN: true });

describe('the published score', () => {
  it('falls at once and recovers at a bounded rate', () => {
    expect(publishedScore(40, { value: 90, at: 0 }, 1000)).toBe(40);
    expect(publishedScore(90, { value: 40, at: 0 }, 60_000)).toBe(40 + RECOVERY_PER_MINUTE);
    expect(publishedScore(90, { value: 40, at: 0 }, 600_000)).toBe(90);
  });

  it('begins with what it is now, and has nothing to say when nothing is known', () => {
    expect(publishedScore(70, undefined, 0)).toBe(70);
    expect(publishedScore(70, { value: null, at: 0 }, 1000)).toBe(70);
    expect(publishedScore(null, { value: 70, at: 0 }, 1000)).toBeNull();
  });

  it('is never above what it is now, never falls further than that, and never rises faster than it may', () => {
    fc.assert(
      fc.property(points, points, fc.double({ min: -1e6, max: 1e7, noNaN: true }), (now, value, at) => {
        const published = publishedScore(now, { value, at: 0 }, at) ?? NaN;
        expect(published).toBeLessThanOrEqual(now);
        expect(published).toBeGreaterThanOrEqual(Math.min(now, value));
        expect(published - value).toBeLessThanOrEqual((RECOVERY_PER_MINUTE * Math.max(0, at)) / 60_000 + 1e-9);
      }),
    );
  });

  it('stays down while the database flaps', () => {
    const seen = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 30 : 95)).reduce<number[]>((all, now, i) => {
      const before = all.at(-1);
      return [
        ...all,
        publishedScore(now, before === undefined ? undefined : { value: before, at: (i - 1) * 15_000 }, i * 15_000) ??
          NaN,
      ];
    }, []);
    expect(Math.max(...seen.slice(1))).toBeLessThanOrEqual(30 + RECOVERY_PER_MINUTE / 4);
  });
});

describe('the grade', () => {
  it('is by the score', () => {
    expect([100, 90, 89, 70, 69, 40, 39, 0].map((value) => gradeOf(value, 1, undefined))).toEqual([
      ...['good', 'good', 'fair', 'fair', 'poor', 'poor', 'critical', 'critical'],
    ]);
  });

  it('is unknown when too little was read', () => {
    expect([gradeOf(100, 0.4, 'good'), gradeOf(null, 1, 'good')]).toEqual(['unknown', 'unknown']);
  });

  it('gets worse at once, and better only when the score is well inside', () => {
    expect(gradeOf(89.9, 1, 'good')).toBe('fair');
    expect(gradeOf(90.1, 1, 'fair')).toBe('fair');
    expect(gradeOf(90 + GRADE_MARGIN, 1, 'fair')).toBe('good');
    expect(gradeOf(91, 1, 'critical')).toBe('fair');
  });

  it('is never better than the score, nor worse than its margin allows', () => {
    fc.assert(
      fc.property(points, fc.constantFrom('good', 'fair', 'poor', 'critical', 'unknown'), (value, before) => {
        const grade = gradeOf(value, 1, before);
        if (grade === 'unknown') throw new Error('it is known');
        expect(value).toBeGreaterThanOrEqual(grades[grade]);
        const plain = gradeOf(Math.max(0, value - GRADE_MARGIN), 1, undefined);
        expect(grades[grade]).toBeGreaterThanOrEqual(grades[plain as keyof typeof grades]);
      }),
    );
  });
});
