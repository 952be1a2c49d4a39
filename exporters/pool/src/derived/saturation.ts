import { defineDerived, gauge, type Snapshots } from '@submilli/core';
import { databases } from '../collectors/databases';
import { limits, settingsOf } from '../collectors/limits';
import { lists } from '../collectors/lists';
import { busyOf, pools } from '../collectors/pools';
import { sizeOf, users } from '../collectors/users';
import { type Binding, bindingsOf, type Limits, type Use, usesOf } from '../saturation/saturation';
import { CONSOLE, numberOf, type ShowRow, textOf } from '../show';

export type Saturation = { readonly uses: readonly Use[]; readonly bindings: readonly Binding[] };

const by = <T>(rows: readonly ShowRow[], column: string, as: (row: ShowRow) => T): Map<string, T> =>
  new Map(rows.map((row) => [textOf(row, column), as(row)]));

const notConsole = (column: string) => (row: ShowRow) => textOf(row, column) !== CONSOLE;

/** The limits in the terms of `usesOf`, from what the SHOW commands said; a command that failed leaves its limits out. */
const limitsFrom = (snapshots: Snapshots): Limits => {
  const settings = settingsOf(snapshots.of(limits) ?? []);
  const items = by(snapshots.of(lists) ?? [], 'list', (row) => numberOf(row, 'items'));
  const used = (snapshots.of(pools) ?? []).filter(notConsole('database')).map((row) => ({
    ...{ database: textOf(row, 'database'), user: textOf(row, 'user'), busy: busyOf(row) },
  }));
  const known = by(snapshots.of(users) ?? [], 'name', (row) => row);
  const perUser = new Map(
    [...new Set([...used.map(({ user }) => user), ...known.keys()])].map((user) => {
      const row = known.get(user) ?? {};
      return [
        user,
        {
          ...{ size: sizeOf(row), reserve: numberOf(row, 'reserve_pool_size') },
          // Before 1.23 a limit of the user's own does not show; what everybody has is the best guess.
          servers: numberOf(row, 'max_user_connections') ?? numberOf(settings, 'max_user_connections'),
          clients: numberOf(row, 'max_user_client_connections'),
          usedClients: numberOf(row, 'current_client_connections'),
        },
      ];
    }),
  );
  return {
    pools: used,
    databases: by((snapshots.of(databases) ?? []).filter(notConsole('name')), 'name', (row) => ({
      ...{ size: numberOf(row, 'pool_size'), servers: numberOf(row, 'max_connections') },
      reserve: numberOf(row, 'reserve_pool_size') ?? numberOf(row, 'reserve_pool'),
      clients: numberOf(row, 'max_client_connections'),
      usedClients: numberOf(row, 'current_client_connections'),
    })),
    users: perUser,
    clients: { max: numberOf(settings, 'max_client_conn'), used: items.get('used_clients') ?? null },
  };
};

export const saturation = defineDerived({
  name: 'saturation',
  source: 'SHOW POOLS, DATABASES, USERS, LISTS and CONFIG',
  metrics: {
    ratio: gauge(
      'db_pool_saturation_ratio',
      'Busy connections over a limit; reserve_pool is pool and reserve together. An empty database or user: all of them. Absent when unlimited. Idle servers are not busy: they can be used, or closed to make room.',
      ['database', 'user', 'limit'],
    ),
    binding: gauge(
      'db_pool_binding_limit_info',
      'Always 1; the limit that this pool meets first if all load grows alike: the fullest, when all is idle the lowest.',
      ['database', 'user', 'limit'],
    ),
  },
  derive: (snapshots): Saturation => {
    const from = limitsFrom(snapshots);
    const uses = usesOf(from);
    return { uses, bindings: bindingsOf(from.pools, uses) };
  },
  publish: ({ uses, bindings }: Saturation, m) => [
    ...uses.map(({ database, user, limit, used, max }) =>
      // A limit is a number of connections.
      m.ratio({ database, user, limit }, max >= 1 ? used / max : null),
    ),
    ...bindings.map((binding) => m.binding(binding, 1)),
  ],
});
