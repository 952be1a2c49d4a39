import { planPool } from './source';
import { versionNumberOf, versionOf } from './version';

describe('PgBouncer’s version', () => {
  it('is read from its own words and can be compared', () => {
    expect(versionOf('PgBouncer 1.18.0', 'pool')).toEqual({ version: '1.18.0', versionNumber: 11_800 });
    expect(versionNumberOf('1.25.2')).toBe(12_502);
    expect(versionNumberOf('1.26.0rc1')).toBeGreaterThan(versionNumberOf('1.25.2'));
    expect(versionNumberOf('1.9')).toBeLessThan(versionNumberOf('1.10'));
  });

  it('of something else is refused by name', () => {
    expect(() => versionOf('PgCat 1.2.0', 'pool')).toThrow('says it is "PgCat 1.2.0", not PgBouncer');
    expect(() => versionOf('', 'pool')).toThrow('not PgBouncer');
  });

  it('decides what can be collected', () => {
    expect(planPool({ pgbouncer: '1.19' }, { version: '1.19.0', versionNumber: 11_900 })).toBeUndefined();
    expect(planPool({}, { version: '1.8', versionNumber: 10_800 })).toBeUndefined();
    expect(planPool({ pgbouncer: '1.19' }, { version: '1.18.0', versionNumber: 11_800 })).toEqual({
      reason: 'version',
      detail: 'needs PgBouncer 1.19 or newer, this is 1.18.0',
      remedy: 'upgrade PgBouncer to 1.19 or newer',
    });
  });
});
