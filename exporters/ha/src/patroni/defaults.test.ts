import { effectiveTimers } from '@submilli/core';
import { configured } from './defaults';
import { configAnswer } from './schema';
import { compareVersions, isAtLeast } from './version';

const of = (ttl: number, loop_wait: number, retry_timeout: number) =>
  configAnswer.parse({ ttl, loop_wait, retry_timeout });

describe('the timers of a configuration', () => {
  it('are Patroni’s own where it says nothing', () => {
    expect(configured(configAnswer.parse({ ttl: 40 }))).toEqual({ ttl: 40, loop_wait: 10, retry_timeout: 10 });
  });

  it('are used as they are until 3.1', () => {
    for (const version of ['3.0.2', '3.1.2']) {
      expect(effectiveTimers(configured(of(5, 1, 2)), version)).toEqual({ ttl: 5, loop_wait: 1, retry_timeout: 2 });
    }
  });

  // Each of these was put to Patroni 4.1.4's own _validate_and_adjust_timeouts.
  it.each([
    [of(8, 1, 8), { ttl: 20, loop_wait: 1, retry_timeout: 8 }],
    [of(5, 1, 2), { ttl: 20, loop_wait: 1, retry_timeout: 3 }],
    [of(20, 10, 8), { ttl: 20, loop_wait: 4, retry_timeout: 8 }],
    [of(30, 10, 15), { ttl: 30, loop_wait: 1, retry_timeout: 14 }],
    [of(30, 10, 10), { ttl: 30, loop_wait: 10, retry_timeout: 10 }],
    [configAnswer.parse({ ttl: 30 }), { ttl: 30, loop_wait: 10, retry_timeout: 10 }],
  ])('are raised and lowered from 3.2 on: %j', (config, timers) => {
    expect(effectiveTimers(configured(config), '4.1.4')).toEqual(timers);
  });
});

it('versions are compared number by number', () => {
  expect(compareVersions('3.10.0', '3.9.4')).toBeGreaterThan(0);
  expect(compareVersions('4.0', '4.0.0')).toBe(0);
  expect(isAtLeast('4.1.0b1', '4.1.0')).toBe(true);
  expect(isAtLeast('3.1.2', '3.2.0')).toBe(false);
});
