import fc from 'fast-check';
import { type Clock, Problem } from '@submilli/core';
import { startPathCanary } from './path';
import type { Operation, Results } from './results';
import { LATENCY_BUCKETS } from '../latency/metrics';
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
  /** What a try does: takes so many milliseconds, and fails or not. */
  type Act = { readonly ms: number; readonly fails?: Problem };

  /** At 50 tries per second on a clock of its own, whose timers are `slackMs` late, until it has made so many tries. */
  const run = async (
    tries: number,
    {
      acts = [],
      write = false,
      may = () => true,
      askMs = 0,
      slackMs = 0,
      made = () => undefined,
    }: {
      readonly acts?: readonly Act[];
      readonly write?: boolean;
      readonly may?: (now: number) => boolean;
      readonly askMs?: number;
      readonly slackMs?: number;
      readonly made?: (overdue: number) => void;
    } = {},
  ) => {
    let now = 0;
    let results: Results = new Map();
    const asked: Operation[] = [];
    const problems: (Problem | null)[] = [];
    const clock: Clock = { monotonic: () => now, wall: () => now };
    const session: CanarySession = {
      run: (operation) => {
        const { ms, fails } = acts[asked.length] ?? { ms: 1 };
        now += ms;
        asked.push(operation);
        made(canary.overdue());
        if (fails !== undefined) return Promise.reject(fails);
        return Promise.resolve(operation === 'write' ? 0.002 : null);
      },
      mayWrite: () => {
        now += askMs;
        return Promise.resolve(may(now));
      },
      connections: () => ({ open: 0, opened: 0 }),
      close: () => Promise.resolve(),
    };
    let over: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (over = resolve));
    const canary = startPathCanary({
      ...{ path: 'direct', session, rateHz: 50, write, where: 'here', clock },
      change: (how) => (results = how(results)),
      told: (problem) => {
        problems.push(problem);
        if (asked.length >= tries) void canary.stop().then(over);
      },
      sleep: (ms) => Promise.resolve((now += ms + slackMs)),
    });
    await finished;
    return { of: (operation: Operation) => results.get(`direct ${operation}`)?.result, asked, problems };
  };
  /** How many tries took so long, by the bucket that it falls into. */
  const countsOf = (ms: readonly number[]): readonly number[] =>
    [...LATENCY_BUCKETS, Infinity].map(
      (bound, i) => ms.filter((one) => one / 1000 <= bound && one / 1000 > (LATENCY_BUCKETS[i - 1] ?? -1)).length,
    );

  it('charges a stall to every try that was due meanwhile, each from its own moment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 100 }), async (stalled) => {
        const stall = stalled * 20 + 10;
        const { of } = await run(stalled + 5, { acts: [{ ms: stall }] });
        // Those held up run one after the other, a millisecond each: the k-th was due k beats after the first.
        const expected = [stall];
        for (let k = 1, now = stall; k < stalled + 5; k += 1) {
          now = Math.max(now, k * 20) + 1;
          expected.push(now - k * 20);
        }
        expect(of('read')?.durations.counts).toEqual(countsOf(expected));
        expect(of('read')?.late).toBe(expected.slice(1).filter((ms) => ms > 1).length);
        expect(of('read')?.durations.sum).toBeCloseTo(expected.reduce((sum, ms) => sum + ms, 0) / 1000, 6);
      }),
    );
  });

  it('does not charge the target with its own timers, which are late', async () => {
    const { of } = await run(20, { slackMs: 1.5 });
    expect(of('read')).toMatchObject({ ok: 20, late: 0, durations: { counts: countsOf(Array<number>(20).fill(1)) } });
  });

  it('says how many tries one that hangs holds up, while it does', async () => {
    const seen: number[] = [];
    await run(3, { acts: [{ ms: 1 }, { ms: 110 }], made: (overdue) => seen.push(overdue) });
    expect(seen).toEqual([0, 5, 4]);
  });

  it('gives up what is more than can be made up for, and counts it', async () => {
    const { of } = await run(2, { acts: [{ ms: 20 * (MOST_OVERDUE + 101) }] });
    expect(of('read')?.missed).toBe(100);
  });

  it('reads and writes in turns, and asks whether it may between tries, not while it measures', async () => {
    const { of, asked } = await run(200, { write: true, askMs: 10 });
    expect(asked.filter((operation) => operation === 'write')).toHaveLength(100);
    for (const operation of ['read', 'write'] as const)
      expect(of(operation)).toMatchObject({
        ok: 100,
        late: 0,
        durations: { counts: countsOf(Array<number>(100).fill(1)) },
      });
    expect(of('write')?.commits.sum).toBeCloseTo(0.2);
  });

  it('never writes where it may not, and stops soon where it may no longer', async () => {
    expect((await run(200, { write: true, may: () => false })).asked).not.toContain('write');
    expect((await run(200, { may: () => true })).asked).not.toContain('write');
    const { asked } = await run(200, { write: true, may: (now) => now < 2000 });
    expect(asked.slice(0, 90)).toContain('write');
    expect(asked.slice(151)).not.toContain('write');
  });

  it('counts a failed try by its kind with those that fell due until the next, and gives none a duration', async () => {
    const gone = new Problem('connection', { what: 'gone' });
    const { of, problems } = await run(3, { acts: [{ ms: 1 }, { ms: 9, fails: gone }] });
    expect(of('read')?.failures).toEqual(new Map([['connection', 13]]));
    expect(of('read')).toMatchObject({ ok: 2, late: 0, durations: { counts: countsOf([1, 1]) } });
    expect(problems.map((problem) => problem?.kind)).toEqual([undefined, 'connection', undefined]);
  });
});
