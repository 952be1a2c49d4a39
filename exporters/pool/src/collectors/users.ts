import { defineCollector, gauge } from '@submilli/core';
import { numberOf, readShow, type ShowRow, textOf, unlessZero } from '../show';

const sides = ['user', 'side'] as const;

/** Set for this user, or in use by it. auth_file can hold thousands who are neither. */
const isOfInterest = (row: ShowRow): boolean =>
  ['pool_mode', 'pool_size', 'reserve_pool_size'].some((column) => textOf(row, column) !== '') ||
  ['current_connections', 'current_client_connections'].some((column) => (numberOf(row, column) ?? 0) > 0);

/** 1.23 repeats the size of the user above for one who has none; 1.24, which added the reserve, does not. */
export const sizeOf = (row: ShowRow): number | null => ('reserve_pool_size' in row ? numberOf(row, 'pool_size') : null);

export const users = defineCollector({
  name: 'users',
  source: 'SHOW USERS',
  metrics: {
    info: gauge('db_pool_user_info', 'Always 1; users who have a pool mode of their own.', ['user', 'pool_mode']),
    size: gauge('db_pool_user_size', 'Size of each of this user’s pools, where it has one of its own (1.24+).', [
      'user',
    ]),
    reserve: gauge('db_pool_user_reserve_size', 'Reserve of each of this user’s pools, where set for it (1.24+).', [
      'user',
    ]),
    connections: gauge(
      'db_pool_user_connections',
      'Connections of this user to servers (1.23+) and from clients (1.24+), all databases together.',
      sides,
    ),
    limit: gauge(
      'db_pool_user_connections_limit',
      'Connections this user may have: max_user_connections (1.23+), max_user_client_connections (1.24+); absent when unlimited.',
      sides,
    ),
  },
  read: readShow('SHOW USERS', 'name'),
  publish: (rows: readonly ShowRow[], m) =>
    rows.filter(isOfInterest).flatMap((row) => {
      const user = textOf(row, 'name');
      const mode = textOf(row, 'pool_mode');
      const [server, client] = [
        { user, side: 'server' },
        { user, side: 'client' },
      ];
      return [
        m.info({ user, pool_mode: mode }, mode === '' ? null : 1),
        m.size({ user }, sizeOf(row)),
        m.reserve({ user }, numberOf(row, 'reserve_pool_size')),
        m.connections(server, numberOf(row, 'current_connections')),
        m.connections(client, numberOf(row, 'current_client_connections')),
        m.limit(server, unlessZero(row, 'max_user_connections')),
        m.limit(client, unlessZero(row, 'max_user_client_connections')),
      ];
    }),
});
