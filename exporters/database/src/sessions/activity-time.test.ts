import fc from 'fast-check';
import { rowsOf, type Seen, startActivityTime, takeSample } from './activity-time';

const seen = (wait_event: string, sessions: number, database = 'app'): Seen => ({
  ...{ database, state: 'active', wait_event_type: 'Lock', wait_event, sessions },
});
const secondsOf = (state: Parameters<typeof rowsOf>[0]): Record<string, number> =>
  Object.fromEntries(rowsOf(state).map(({ kind, seconds }) => [kind.wait_event, seconds]));

describe('sampled activity', () => {
  it('adds the time since the sample before for each session seen, but never more than two intervals', () => {
    const first = takeSample(startActivityTime(10), [seen('relation', 2)], 0, 1);
    expect(secondsOf(first)).toEqual({ relation: 2 });
    const second = takeSample(first, [seen('relation', 1), seen('tuple', 1)], 1500, 1);
    expect(secondsOf(second)).toEqual({ relation: 3.5, tuple: 1.5 });
    expect(secondsOf(takeSample(second, [seen('tuple', 1)], 60_000, 1))).toEqual({ relation: 3.5, tuple: 3.5 });
  });

  it('shows a bounded number of rows that only grow, and loses no second', () => {
    const sample = fc.array(fc.record({ event: fc.nat(30), sessions: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (samples, limit) => {
        let state = startActivityTime(limit);
        let before: Record<string, number> = {};
        let published = 0;
        let sampled = 0;
        samples.forEach((found, i) => {
          const unique = new Map(found.map(({ event, sessions }) => [event, sessions]));
          const rows = [...unique].map(([event, sessions]) => seen(`e${event}`, sessions));
          const known = new Set(state.kinds.keys());
          state = takeSample(state, rows, i * 1000, 1);
          const now = secondsOf(state);
          expect(Object.keys(now).length).toBeLessThanOrEqual(Math.floor(limit * 1.5) + 1);
          for (const [event, seconds] of Object.entries(now)) {
            const isNew =
              before[event] === undefined && event !== 'other' && [...known].some((key) => key.includes(event));
            if (isNew) continue;
            expect(seconds).toBeGreaterThanOrEqual(before[event] ?? 0);
            published += seconds - (before[event] ?? 0);
          }
          sampled += rows.reduce((sum, { sessions }) => sum + sessions, 0);
          before = now;
        });
        expect(published).toBeLessThanOrEqual(sampled + 1e-9);
      }),
    );
  });
});
