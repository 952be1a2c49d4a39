import { type Window, defineSampler, emptyWindow, readRows, selfMetrics, slide, spanOf } from '@submilli/core';
import { databaseRow, databaseSql, type DatabaseRow } from '../collectors/database';

export type DatabaseReading = ReadonlyMap<string, DatabaseRow>;
export type DatabaseWindow = Window<DatabaseReading>;

/**
 * Remembers `pg_stat_database` for the length of the window, so that ratios and rates speak of now, not of the life of
 * the statistics, and are the same whoever scrapes and however often.
 */
export const databaseWindow = defineSampler({
  name: 'database-window',
  source: 'pg_stat_database',
  metrics: { window: selfMetrics.window },
  interval: (config) => config.sample_interval_seconds,
  start: (config) => emptyWindow<DatabaseReading>(config.window_seconds),
  read: readRows({ 14: databaseSql }, databaseRow),
  fold: (window: DatabaseWindow, rows: readonly DatabaseRow[], at) =>
    slide(window, at, new Map(rows.map((row) => [row.database, row]))),
  publish: (window, m) => [m.window({ collector: 'database-window' }, spanOf(window)?.seconds ?? null)],
});

/** The counters that the window is asked for. */
const COUNTERS = [
  ...(['blks_hit', 'blks_read', 'xact_commit', 'xact_rollback', 'deadlocks', 'active_seconds'] as const),
  ...(['temp_files', 'temp_bytes'] as const),
  ...(['sessions_abandoned', 'sessions_fatal', 'sessions_killed'] as const),
] as const;
type Counter = (typeof COUNTERS)[number];

/** What happened in one database since the start of the window; nothing across a reset of the statistics. */
export type Change = Readonly<Record<Counter, number>>;

/** From the window's oldest reading to `now`, the row of the scrape itself. */
export const changeSince = (window: DatabaseWindow | undefined, now: DatabaseRow): Change | undefined => {
  const then = window?.readings[0]?.value.get(now.database);
  if (then?.stats_reset !== now.stats_reset) return undefined;
  const changes = COUNTERS.map((counter) => [counter, now[counter] - then[counter]] as const);
  const change = Object.fromEntries(changes) as Record<Counter, number>;
  return Object.values(change).every((delta) => delta >= 0) ? change : undefined;
};
