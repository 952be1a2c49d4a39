import type { SettingFacts } from './live';
import { amountOf, hasValue } from './quantity';

const shows = (vartype: string, setting: string, unit: string | null = null): SettingFacts => ({
  ...{ context: 'user', vartype, setting, unit },
});

describe('a setting that a server shows', () => {
  it.each([
    [shows('integer', '16384', 'kB'), '16MB', true],
    [shows('integer', '16384', 'kB'), '17MB', false],
    [shows('integer', '16384', '8kB'), '128MB', true],
    [shows('integer', '5000', 'ms'), '5s', true],
    [shows('integer', '256', 'MB'), 256, true],
    [shows('integer', '1', 'min'), '60s', true],
    [shows('real', '1.1'), 1.1, true],
    [shows('real', '1.1'), 1.2, false],
    [shows('bool', 'off'), 'false', true],
    [shows('bool', 'off'), 'on', false],
    [shows('enum', 'pglz'), 'on', true],
    [shows('enum', 'replica'), 'logical', false],
    [shows('string', 'pg_stat_statements'), 'pg_stat_statements', true],
    [shows('integer', '4096', 'kB'), 'lots', false],
  ])('%j has the value %j: %s', (facts, wanted, expected) => {
    expect(hasValue(facts, wanted)).toBe(expected);
  });

  it('is compared in bytes and milliseconds', () => {
    expect(amountOf('2GB')).toBe(2 * 1024 ** 3);
    expect(amountOf('1.5min')).toBe(90_000);
    expect(amountOf(100)).toBe(100);
    expect(amountOf('replica')).toBeUndefined();
  });
});
