import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { needsMonitor, peerGauge, PREFIX } from './peer';

const labels = [
  'datname',
  'state',
  'usename',
  'application_name',
  'backend_type',
  'wait_event_type',
  'wait_event',
] as const;

const row = z.object({
  datname: z.string(),
  state: z.string(),
  usename: z.string(),
  application_name: z.string(),
  backend_type: z.string(),
  wait_event_type: z.string(),
  wait_event: z.string(),
  count: z.number(),
  max_tx_duration: z.number(),
});

/**
 * As the peer's: states without a session are there with empty labels and 0, our own session is not counted. But clients
 * choose the name of their application, so that only those with the most sessions are labels.
 */
const sql = `
  WITH sessions AS (
    SELECT a.datname, a.state, a.usename, coalesce(a.application_name, '') AS application_name, a.backend_type,
           a.wait_event_type, a.wait_event, a.xact_start
      FROM pg_catalog.pg_stat_activity a
     WHERE a.pid <> pg_catalog.pg_backend_pid() AND a.datname IS NOT NULL AND a.state IS NOT NULL
  ), top AS (
    SELECT application_name FROM sessions GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $1
  ), counted AS (
    SELECT datname, state, usename,
           CASE WHEN application_name IN (SELECT application_name FROM top) THEN application_name
                ELSE 'other' END AS application_name,
           backend_type, wait_event_type, wait_event, count(*)::int AS count,
           max(extract(epoch FROM pg_catalog.now() - xact_start))::float8 AS max_tx_duration
      FROM sessions
     GROUP BY 1, 2, 3, 4, 5, 6, 7
  )
  SELECT d.datname::text AS datname, states.state, coalesce(c.usename::text, '') AS usename,
         coalesce(c.application_name, '') AS application_name, coalesce(c.backend_type, '') AS backend_type,
         coalesce(c.wait_event_type, '') AS wait_event_type, coalesce(c.wait_event, '') AS wait_event,
         coalesce(c.count, 0) AS count, coalesce(c.max_tx_duration, 0) AS max_tx_duration
    FROM (VALUES ('active'), ('idle'), ('idle in transaction'), ('idle in transaction (aborted)'),
                 ('fastpath function call'), ('disabled')) AS states(state)
   CROSS JOIN pg_catalog.pg_database d
    LEFT JOIN counted c ON c.state = states.state AND c.datname = d.datname
   ORDER BY count DESC`;

export const compatStatActivity = defineCollector({
  name: `${PREFIX}stat_activity`,
  source: 'pg_stat_activity',
  needs: needsMonitor,
  metrics: {
    count: peerGauge('pg_stat_activity_count', 'Sessions in this state.', labels),
    duration: peerGauge('pg_stat_activity_max_tx_duration', 'Age in seconds of their oldest transaction.', labels),
  },
  read: readRows({ 14: sql }, row, ({ config }) => [config.limits.applications]),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap(({ count, max_tx_duration, ...session }) => [
      m.count(session, count),
      m.duration(session, max_tx_duration),
    ]),
});
