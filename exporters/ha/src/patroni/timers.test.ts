import fc from 'fast-check';
import { configAnswer } from './schema';
import { breaksRule, effective, MINIMUM } from './timers';
import { compareVersions, isAtLeast } from './version';

const of = (ttl: number, loop_wait: number, retry_timeout: number) =>
  configAnswer.parse({ ttl, loop_wait, retry_timeout });

describe('the timers that a Patroni really uses', () => {
  it('are as configured until 3.1', () => {
    for (const version of ['3.0.2', '3.1.2']) {
      expect(effective(of(5, 1, 2), version)).toEqual({ ttl: 5, loopWait: 1, retryTimeout: 2 });
    }
  });

  // Each of these was put to Patroni 4.1.4's own _validate_and_adjust_timeouts.
  it.each([
    [of(8, 1, 8), { ttl: 20, loopWait: 1, retryTimeout: 8 }],
    [of(5, 1, 2), { ttl: 20, loopWait: 1, retryTimeout: 3 }],
    [of(20, 10, 8), { ttl: 20, loopWait: 4, retryTimeout: 8 }],
    [of(30, 10, 15), { ttl: 30, loopWait: 1, retryTimeout: 14 }],
    [of(30, 10, 10), { ttl: 30, loopWait: 10, retryTimeout: 10 }],
    [configAnswer.parse({ ttl: 30 }), { ttl: 30, loopWait: 10, retryTimeout: 10 }],
  ])('are raised and lowered from 3.2 on: %j', (config, timers) => {
    expect(effective(config, '4.1.4')).toEqual(timers);
  });

  it('never break the rule from 3.2 on, and are never below the minimum', () => {
    const seconds = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(seconds, seconds, seconds, (ttl, loop, retry) => {
        const timers = effective(of(ttl, loop, retry), '3.2.0');
        expect(breaksRule(timers)).toBe(false);
        expect(timers.ttl).toBeGreaterThanOrEqual(MINIMUM.ttl);
        expect(timers.loopWait).toBeGreaterThanOrEqual(MINIMUM.loopWait);
        expect(timers.retryTimeout).toBeGreaterThanOrEqual(MINIMUM.retryTimeout);
      }),
    );
  });
});

it('versions are compared number by number', () => {
  expect(compareVersions('3.10.0', '3.9.4')).toBeGreaterThan(0);
  expect(compareVersions('4.0', '4.0.0')).toBe(0);
  expect(isAtLeast('4.1.0b1', '4.1.0')).toBe(true);
  expect(isAtLeast('3.1.2', '3.2.0')).toBe(false);
});
