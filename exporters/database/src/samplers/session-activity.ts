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

/** Who does something or holds a transaction open. Idle sessions wait for their client and for nothing else. */
const sql = `
  SELECT coalesce(a.datname::text, '') AS database,
         coalesce(a.state, a.backend_type) AS state,
         coalesce(a.wait_event_type, 'CPU') AS wait_event_type,
         coalesce(a.wait_event, '') AS wait_event,
         count(*) AS sessions
    FROM pg_catalog.pg_stat_activity a
   WHERE a.pid <> pg_catalog.pg_backend_pid()
     AND (a.state <> 'idle' OR a.backend_type = 'autovacuum worker')
     AND NOT (a.usename = current_user AND a.application_name LIKE 'submilli/%')
   GROUP BY 1, 2, 3, 4`;

export const sessionActivity = defineSampler({
  name: 'session-activity',
  source: 'pg_stat_activity',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    seconds: counter(
      'db_session_activity_seconds_total',
      'Sampled time of sessions by what they were doing or waiting for (session_sampling_hz); wait_event_type="CPU": not waiting, as far as the server knows. Idle sessions are left out; the rest of a database is under "other".',
      ['database', 'state', 'wait_event_type', 'wait_event'],
    ),
    samples: counter('db_session_samples_total', 'Samples taken.'),
  },
  interval: ({ session_sampling_hz }) => (session_sampling_hz === 0 ? 0 : 1 / session_sampling_hz),
  start: ({ limits }) => startActivityTime(limits.wait_events),
  read: readRows({ 14: sql }, row),
  fold: (state: ActivityTime, rows: readonly z.infer<typeof row>[], at, { config }: Env<PostgresFacts>) =>
    takeSample(state, rows, at, 1 / config.session_sampling_hz),
  publish: (state, m) => [
    m.samples({}, state.samples),
    ...rowsOf(state).map(({ kind, seconds }) => m.seconds(kind, seconds)),
  ],
});
