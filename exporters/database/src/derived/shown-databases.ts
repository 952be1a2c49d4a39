import { chooseShown, defineDerived, gauge, type PostgresFacts, type ShownDatabases } from '@submilli/core';
import { database } from '../collectors/database';
import { changeSince, databaseWindow } from '../samplers/database-window';

const metrics = {
  databases: gauge('db_databases', 'Databases that accept connections, by whether they are shown by themselves.', [
    'shown',
  ]),
} as const;

/** The databases shown by themselves: the busiest by transactions over the window, slow to change places. */
export const shownDatabases = defineDerived<PostgresFacts, ShownDatabases, typeof metrics>({
  name: 'shown-databases',
  source: 'pg_stat_database',
  metrics,
  derive: (snapshots, { config }, before) => {
    const window = snapshots.of(databaseWindow);
    const weights = new Map(
      (snapshots.of(database) ?? []).map((row) => {
        const change = changeSince(window, row);
        return [row.database, change === undefined ? 0 : change.xact_commit + change.xact_rollback];
      }),
    );
    const shown = chooseShown(weights, before?.shown ?? new Set(), config.limits.databases);
    return { shown, hidden: new Set([...weights.keys()].filter((name) => !shown.has(name))) };
  },
  publish: ({ shown, hidden }, m) => [
    m.databases({ shown: 'true' }, shown.size),
    m.databases({ shown: 'false' }, hidden.size),
  ],
});
