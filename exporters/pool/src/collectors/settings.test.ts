import { answersOf, published } from '../../test/fixtures';
import { limits } from './limits';
import { state } from './state';

describe('SHOW CONFIG', () => {
  it.each(['1.18.0', '1.25.2'] as const)(
    'gives the limits that are set, and none for those that are off (%s)',
    (version) => {
      expect(Object.fromEntries(published(limits, answersOf(version)['SHOW CONFIG'] ?? []))).toEqual({
        db_pool_client_connections_limit: 100,
        db_pool_default_size: 20,
        db_pool_reserve_timeout_seconds: 5,
        db_pool_query_wait_timeout_seconds: 30,
      });
    },
  );
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
