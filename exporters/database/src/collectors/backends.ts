import { defineCollector, type Env, folded, gauge, OTHER, type PostgresFacts, readRows } from '@submilli/core';
import { z } from 'zod';

const waiting = z.object({
  database: z.string(),
  wait_event_type: z.string(),
  wait_event: z.string(),
  sessions: z.number(),
});

const row = z.object({ backends: z.record(z.string(), z.number()), waiting: z.array(waiting) });

export type BackendsRow = z.infer<typeof row>;
export type Waiting = z.infer<typeof waiting>;

/** Processes of every kind, and what active clients wait for at this moment, the most frequent first. */
const sql = `
  SELECT (SELECT coalesce(pg_catalog.json_object_agg(b.backend_type, b.n), '{}')
            FROM (SELECT coalesce(a.backend_type, 'unknown') AS backend_type, count(*) AS n
                    FROM pg_catalog.pg_stat_activity a GROUP BY 1) b) AS backends,
         (SELECT coalesce(pg_catalog.json_agg(w), '[]')
            FROM (SELECT a.datname::text AS database, a.wait_event_type, a.wait_event, count(*) AS sessions
                    FROM pg_catalog.pg_stat_activity a
                   WHERE a.state = 'active' AND a.wait_event IS NOT NULL AND a.datname IS NOT NULL
                     AND a.backend_type IN ('client backend', 'parallel worker')
                     AND a.pid <> pg_catalog.pg_backend_pid()
                   GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3) w) AS waiting`;

/** The first `limit` by themselves, the rest of each database summed up. */
export const withOthers = (all: readonly Waiting[], limit: number): readonly Waiting[] => {
  const others = new Map<string, number>();
  for (const { database, sessions } of all.slice(limit)) others.set(database, (others.get(database) ?? 0) + sessions);
  return [
    ...all.slice(0, limit),
    ...[...others].map(([database, sessions]) => ({
      ...{ database, wait_event_type: OTHER, wait_event: OTHER, sessions },
    })),
  ];
};

export const backends = defineCollector({
  name: 'backends',
  source: 'pg_stat_activity',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    backends: gauge('db_backends', 'Processes of the server by kind.', ['backend_type']),
    waiting: folded(
      'sum',
      gauge(
        'db_waiting_sessions',
        'Active client sessions that wait at this moment, by wait event (between scrapes: db_session_activity_seconds_total); beyond limits.wait_events: "other".',
        ['database', 'wait_event_type', 'wait_event'],
      ),
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly BackendsRow[], m, { config }: Env<PostgresFacts>) =>
    rows.flatMap((r) => [
      ...Object.entries(r.backends).map(([backend_type, count]) => m.backends({ backend_type }, count)),
      ...withOthers(r.waiting, config.limits.wait_events).map(({ sessions, ...event }) => m.waiting(event, sessions)),
    ]),
});
