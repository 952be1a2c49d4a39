import fc from 'fast-check';
import { adviseThresholdMs, knownOf } from './runs';
import { clientSeconds, quantilesOf, statementSeconds, stepsOf } from './truth';

const line = (pid: number, message: string, user = 'load'): string => JSON.stringify({ user, pid, message });

describe('what clients measured', () => {
  it('is the third field of each line of pgbench’s log, in microseconds', () => {
    expect(clientSeconds('0 1 3051 0 1700000000 12\n1 1 12500 0 1700000000 40\n')).toEqual([0.003051, 0.0125]);
  });
});

describe('quantiles of which only the longest durations are known', () => {
  const durations = fc.array(fc.double({ min: 1e-6, max: 10, noNaN: true }), { minLength: 1, maxLength: 400 });

  it('are those of all, or nothing', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 10, noNaN: true }), (all, from) => {
        const known = quantilesOf(
          all.filter((seconds) => seconds >= from),
          all.length,
        );
        const exact = quantilesOf(all);
        for (const [i, value] of known.entries()) {
          const truth = exact[i] ?? NaN;
          expect(value).toBe(truth >= from ? truth : undefined);
        }
      }),
    );
  });

  it('are the least that the share does not exceed', () => {
    const thousand = Array.from({ length: 1000 }, (_, i) => i + 1);
    expect(quantilesOf(thousand)).toEqual([500, 950, 990, 999]);
  });
});

describe('the server’s log, read by the bench', () => {
  const text = [
    line(7, 'duration: 0.100 ms  parse P0_0: SELECT $1'),
    line(7, 'duration: 0.020 ms  bind P0_0: SELECT $1'),
    line(8, 'duration: 2.000 ms  statement: SELECT 1'),
    line(9, 'duration: 9.000 ms  statement: SELECT 1', 'somebody'),
    line(7, 'duration: 3.000 ms  execute P0_0: SELECT $1'),
    line(7, 'checkpoint starting: time'),
    line(7, 'duration: 0.030 ms  bind P0_0: SELECT $1'),
    line(7, 'duration: 4.000 ms  execute P0_0: SELECT $1'),
    '',
  ].join('\n');

  it('has the steps of one user’s sessions', () => {
    expect(stepsOf(text, 'load')).toHaveLength(6);
    expect(stepsOf(text, 'somebody')).toEqual([{ session: 9, seconds: 0.009, ends: true }]);
  });

  it('adds up the steps that lead to an execution, session by session', () => {
    const whole = statementSeconds(stepsOf(text, 'load')).map((seconds) => Number(seconds.toFixed(6)));
    expect(whole).toEqual([0.002, 0.00312, 0.00403]);
  });

  it('tells executions from whole statements, and nothing where a share of either is missing', () => {
    const steps = stepsOf(text, 'load');
    const last = (known: readonly (number | undefined)[]): string | undefined => known.at(-1)?.toFixed(6);
    const everything = knownOf(steps, 3, 0);
    expect([last(everything.executed), last(everything.server)]).toEqual(['0.004000', '0.004030']);
    const tail = knownOf(steps, 3, 0.0035);
    expect([last(tail.executed), last(tail.server)]).toEqual(['0.004000', undefined]);
    expect(tail.executed[0]).toBeUndefined();
    expect(knownOf(steps, 3, Infinity).executed).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('the threshold of the tail', () => {
  const most = (long: number): number[] => Array.from({ length: 10_000 }, (_, i) => (i < 9850 ? 0.0101 : long));

  it('is what the advice says: the whole millisecond before P99, or the one after it where most would be logged', () => {
    expect(adviseThresholdMs(most(0.0124), 10)).toBe(12);
    expect(adviseThresholdMs(most(0.0109), 10)).toBe(11);
    expect(adviseThresholdMs(most(0.0109).slice(0, 9850), 10)).toBe(11);
    expect(adviseThresholdMs([0.0001, 0.0002], 10)).toBe(1);
  });
});
