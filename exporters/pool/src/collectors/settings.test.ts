import { answersOf, published } from '../../test/fixtures';
import { limits } from './limits';
import { state } from './state';

describe('SHOW CONFIG', () => {
  it.each(['1.18.0', '1.25.2'] as const)(
    'gives the limits that are set, and none for those that are off (%s)',
    (version) => {
      const series = published(limits, answersOf(version)['SHOW CONFIG'] ?? []);
      const named = [...series].filter(([name]) => /_(limit|size|timeout_seconds)$/.test(name));
      expect(Object.fromEntries(named)).toEqual({
        db_pool_client_connections_limit: 100,
        db_pool_default_size: 20,
        db_pool_reserve_timeout_seconds: 5,
        db_pool_query_wait_timeout_seconds: 30,
      });
      expect(series.get('db_pool_setting_seconds{setting="server_login_retry"}')).toBe(15);
      expect(series.has('db_pool_setting_seconds{setting="query_timeout"}')).toBe(false);
      expect(series.get('db_pool_setting{setting="max_db_connections"}')).toBe(5);
      expect([...series.keys()].find((name) => name.startsWith('db_pool_settings_info'))).toContain(
        'pool_mode="transaction",auth_type="scram-sha-256"',
      );
    },
  );

  it('keeps a zero that is a time, as a server that is used only once', () => {
    const series = published(limits, [
      { key: 'server_lifetime', value: '0' },
      { key: 'server_idle_timeout', value: '0' },
    ]);
    expect(series.get('db_pool_setting_seconds{setting="server_lifetime"}')).toBe(0);
    expect(series.has('db_pool_setting_seconds{setting="server_idle_timeout"}')).toBe(false);
  });

  it('leaves out what a version does not have', () => {
    const prepared = 'db_pool_setting{setting="max_prepared_statements"}';
    const of = (version: '1.18.0' | '1.25.2') =>
      published(limits, answersOf(version)['SHOW CONFIG'] ?? []).get(prepared);
    expect([of('1.18.0'), of('1.25.2')]).toEqual([undefined, 200]);
  });
});

describe('SHOW STATE', () => {
  it('is in exactly one state', () => {
    expect([...published(state, answersOf('1.25.2')['SHOW STATE'] ?? [])]).toEqual([
      ['db_pool_state{state="active"}', 1],
      ['db_pool_state{state="paused"}', 0],
      ['db_pool_state{state="suspended"}', 0],
    ]);
  });
});
