import { well } from '../../test/score/signals';
import { type Recent, smooth } from './smoothing';

const missing = { missing: 'unknown', why: 'so' } as const;

describe('signals of a moment', () => {
  it('are the mean over the readings of the window', () => {
    let recent: Recent = [];
    const means = [0, 0, 8, 0].map((lock_waiters, i) => {
      const smoothed = smooth(well({ lock_waiters, pool_saturation: 50 * i }), recent, i * 15_000, 60);
      recent = smoothed.recent;
      return [smoothed.signals.lock_waiters, smoothed.signals.pool_saturation];
    });
    expect(means).toEqual([
      [0, 0],
      [0, 25],
      [8 / 3, 50],
      [2, 75],
    ]);
  });

  it('are what they are now after a long silence', () => {
    const { recent } = smooth(well({ lock_waiters: 9 }), [], 0, 60);
    expect(smooth(well({ lock_waiters: 1 }), recent, 60_000, 60)).toMatchObject({
      signals: { lock_waiters: 1 },
      recent: [{ at: 60_000 }],
    });
  });

  it('are missing when they are missing now, and a gap counts for nothing', () => {
    const first = smooth(well({ lock_waiters: 4 }), [], 0, 60);
    const gap = smooth(well({ lock_waiters: missing }), first.recent, 1000, 60);
    expect(gap.signals.lock_waiters).toEqual(missing);
    expect(smooth(well({ lock_waiters: 2 }), gap.recent, 2000, 60).signals.lock_waiters).toBe(3);
  });
});
