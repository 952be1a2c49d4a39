import fc from 'fast-check';
import { effectiveTimers, leastTimers, lockOutlivesRetries, shortestTimers, type Timers } from './timers';

const timers = (ttl: number, loop_wait: number, retry_timeout: number): Timers => ({ ttl, loop_wait, retry_timeout });
const versions = ['3.0.2', '3.1.2', '3.2.0', '3.3.2', '4.0.5', '4.1.4'];

describe('the timers of Patroni', () => {
  it('are taken as they are up to 3.1', () => {
    expect(effectiveTimers(timers(8, 1, 8), '3.0.2')).toEqual(timers(8, 1, 8));
    expect(effectiveTimers(timers(5, 1, 2), '3.1.2')).toEqual(timers(5, 1, 2));
  });

  it('are raised to the least from 3.2 on: a ttl of 8 s is one of 20 s there', () => {
    expect(effectiveTimers(timers(8, 1, 2), '3.2.0')).toEqual(timers(20, 1, 3));
    expect(effectiveTimers(timers(8, 1, 8), '4.1.4')).toEqual(timers(20, 1, 8));
  });

  it('lose loop_wait first and retry_timeout only then when they don’t fit into the ttl', () => {
    expect(effectiveTimers(timers(30, 20, 10), '4.1.4')).toEqual(timers(30, 10, 10));
    expect(effectiveTimers(timers(20, 5, 30), '4.1.4')).toEqual(timers(20, 1, 9));
  });

  it('break the rule when a leader may retry for longer than its lock lives', () => {
    expect(lockOutlivesRetries(timers(8, 1, 8))).toBe(false);
    expect(lockOutlivesRetries(timers(30, 10, 10))).toBe(true);
  });

  it.each(versions)('that are shortest for %s are within its rules, and stay as they are', (version) => {
    const shortest = shortestTimers(version);
    expect(lockOutlivesRetries(shortest)).toBe(true);
    expect(effectiveTimers(shortest, version)).toEqual(shortest);
  });

  it('never break the rule nor fall below the least from 3.2 on, whatever is configured', () => {
    const seconds = fc.integer({ min: 1, max: 600 });
    fc.assert(
      fc.property(seconds, seconds, seconds, (...configured) => {
        const effective = effectiveTimers(timers(...configured), '3.2.0');
        const least = leastTimers('3.2.0');
        expect(lockOutlivesRetries(effective)).toBe(true);
        for (const key of ['ttl', 'loop_wait', 'retry_timeout'] as const) {
          expect(effective[key]).toBeGreaterThanOrEqual(least[key]);
        }
      }),
    );
  });

  it('are not known for what is no version', () => {
    expect(() => leastTimers('unknown')).toThrow('not a version of Patroni: unknown');
  });
});
