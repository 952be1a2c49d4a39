import { counter, defineSampler, type Env, type PostgresFacts, readRows } from '@submilli/core';
import { z } from 'zod';
import { type ActivityTime, rowsOf, startActivityTime, takeSample } from '../sessions/activity-time';

const row = z.object({
  database: z.string(),
  state: z.string(),
  wait_event_type: z.string(),
  wait_event: z.string(),
  sessions: z.number(),
});

/**
 * Who runs statements, or holds a transaction open. Idle sessions wait for their client and for nothing else, other
 * processes (type Activity) for something to do; a WAL sender is "active" for ever. The states of background processes
 * are their kind, so that they are not taken for clients; those of extensions share one.
 */
const sql = `
  SELECT coalesce(a.datname::text, '') AS database,
         CASE WHEN a.backend_type IN ('client backend', 'parallel worker') THEN a.state
              WHEN a.backend_type = 'autovacuum worker' OR a.backend_type LIKE 'logical replication %'
              THEN a.backend_type
              ELSE 'background worker' END AS state,
         coalesce(a.wait_event_type, 'CPU') AS wait_event_type,
         coalesce(a.wait_event, '') AS wait_event,
         count(*) AS sessions
    FROM pg_catalog.pg_stat_activity a
   WHERE a.datid IS NOT NULL AND a.state <> 'idle' AND a.backend_type <> 'walsender'
     AND a.wait_event_type IS DISTINCT FROM 'Activity'
     AND a.pid <> pg_catalog.pg_backend_pid()
     AND NOT (a.usename = current_user AND a.application_name LIKE 'submilli/%')
   GROUP BY 1, 2, 3, 4`;

export const sessionActivity = defineSampler({
  name: 'session-activity',
  source: 'pg_stat_activity',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    seconds: counter(
      'db_session_activity_seconds_total',
      'Sampled time of sessions by what they were doing or waiting for (session_sampling_hz); wait_event_type="CPU": not waiting, as far as the server knows. Idle sessions are left out; a background process has its kind as state; beyond limits.wait_events: "other".',
      ['database', 'state', 'wait_event_type', 'wait_event'],
    ),
    samples: counter('db_session_samples_total', 'Samples taken.'),
  },
  interval: ({ session_sampling_hz }) => (session_sampling_hz === 0 ? 0 : 1 / session_sampling_hz),
  keepsState: true,
  start: ({ limits }) => startActivityTime(limits.wait_events),
  read: readRows({ 14: sql }, row),
  fold: (state: ActivityTime, rows: readonly z.infer<typeof row>[], at, { config }: Env<PostgresFacts>) =>
    takeSample(state, rows, at, 1 / config.session_sampling_hz),
  publish: (state, m) => [
    m.samples({}, state.samples),
    ...rowsOf(state).map(({ kind, seconds }) => m.seconds(kind, seconds)),
  ],
});
