import fc from 'fast-check';
import { type Clock, type Problem, Problem as Failure } from '@submilli/core';
import { startPathCanary } from './path';
import { type Results } from './results';
import { dueAt, MOST_OVERDUE, startSchedule, takeNext } from './schedule';
import type { CanarySession } from './session';

describe('the schedule of a canary', () => {
  it('has every try at its own moment, whenever it is taken, and counts what it gives up', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { maxLength: 50 }),
        (rate, pauses) => {
          let schedule = startSchedule(1000, rate);
          let now = 1000;
          let taken = 0;
          let given = 0;
          for (const pause of pauses) {
            now = Math.max(now + pause, dueAt(schedule));
            const next = takeNext(schedule, now);
            taken += 1;
            given += next.missed;
            expect(next.due).toBeLessThanOrEqual(now);
            expect(now - next.due).toBeLessThanOrEqual((MOST_OVERDUE + 1) * (1000 / rate));
            expect(next.due).toBeCloseTo(1000 + (taken + given - 1) * (1000 / rate), 5);
            schedule = next.schedule;
          }
        },
      ),
    );
  });
});

describe('a canary on one path', () => {
  /** A target that takes as long as it is told to, on a clock of its own. */
  const setUp = (tooks: readonly number[], write = false) => {
    let now = 0;
    const clock: Clock = { monotonic: () => now, wall: () => now };
    let results: Results = new Map();
    const problems: (Problem | null)[] = [];
    let runs = 0;
    const asked: string[] = [];
    const session: CanarySession = {
      run: (operation) => {
        asked.push(operation);
        now += tooks[runs] ?? 0;
        runs += 1;
        return Promise.resolve(operation === 'write' ? 0.002 : null);
      },
      mayWrite: () => Promise.resolve(write),
      connections: () => ({ open: 0, opened: 0 }),
      close: () => Promise.resolve(),
    };
    const until = async (count: number): Promise<Results> => {
      const canary = startPathCanary({
        ...{ path: 'direct', session, rateHz: 50, write: true, where: 'here', clock },
        change: (how) => (results = how(results)),
        told: (problem) => problems.push(problem),
      });
      while (runs < count) {
        now += 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await canary.stop();
      return results;
    };
    return { until, asked };
  };

  it('charges a stall to every try that was due meanwhile', async () => {
    const results = await setUp([200]).until(11);
    const durations = results.get('direct read')?.result.durations;
    // At 50 tries per second a stall of 200 ms holds up ten: of 200, 180, 160 … ms, and not one of 200 and ten of nothing.
    const long = (durations?.bounds ?? []).reduce(
      (sum, bound, i) => (bound > 0.03 ? sum + (durations?.counts[i] ?? 0) : sum),
      0,
    );
    expect(long).toBeGreaterThanOrEqual(8);
  });

  it('never writes where it may not', async () => {
    const { until, asked } = setUp([], false);
    await until(10);
    expect(asked).not.toContain('write');
    const other = setUp([], true);
    await other.until(10);
    expect(other.asked).toContain('write');
    expect(other.asked).toContain('read');
  });

  it('counts a failed try by its kind, and gives it no duration', async () => {
    let results: Results = new Map();
    let tries = 0;
    const session: CanarySession = {
      run: () => {
        tries += 1;
        return Promise.reject(new Failure('timeout', { what: 'too slow' }));
      },
      mayWrite: () => Promise.resolve(false),
      connections: () => ({ open: 0, opened: 0 }),
      close: () => Promise.resolve(),
    };
    const start = performance.now();
    const clock: Clock = { monotonic: () => performance.now() - start, wall: () => 0 };
    const canary = startPathCanary({
      ...{ path: 'pool', session, rateHz: 50, write: false, where: 'here', clock },
      change: (how) => (results = how(results)),
      told: () => undefined,
    });
    while (tries < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await canary.stop();
    const found = results.get('pool read')?.result;
    expect(found?.ok).toBe(0);
    expect(found?.failures.get('timeout')).toBeGreaterThanOrEqual(1);
    expect(found?.durations.sum).toBe(0);
  });
});
