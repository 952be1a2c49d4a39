import { counter, defineSampler, type Deadline, type Env, type PostgresFacts, type SqlSession } from '@submilli/core';
import { z } from 'zod';
import { type Sighting, type Sightings, startSightings, takeSightings } from '../slow/sightings';

const row = z.object({
  pid: z.number(),
  database: z.string(),
  queryid: z.string().nullable(),
  started: z.number(),
  now: z.number(),
  wait_event_type: z.string(),
  wait_event: z.string(),
  blocked_by: z.array(z.number()),
});

/** Waits of a backend that is committing: for its WAL to be written and flushed, and for its standbys. */
const COMMIT_WAITS = ['SyncRep', 'WALSync', 'WalSync', 'WALWrite', 'WalWrite'];

// pg_blocking_pids() holds up the lock manager for a moment: only of those who wait for a lock, and of a few.
const sql = `
  SELECT a.pid, coalesce(a.datname::text, '') AS database, a.query_id::text AS queryid,
         pg_catalog.date_part('epoch', a.query_start)::float8 AS started,
         pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())::float8 AS now,
         coalesce(a.wait_event_type, 'CPU') AS wait_event_type, coalesce(a.wait_event, '') AS wait_event,
         CASE WHEN a.wait_event_type = 'Lock' AND a.rank <= 20
              THEN pg_catalog.pg_blocking_pids(a.pid) ELSE '{}' END AS blocked_by
    FROM (SELECT s.*, pg_catalog.row_number() OVER (PARTITION BY s.wait_event_type ORDER BY s.query_start) AS rank
            FROM pg_catalog.pg_stat_activity s
           WHERE s.backend_type = 'client backend' AND s.state = 'active' AND s.query_start IS NOT NULL
             AND s.pid <> pg_catalog.pg_backend_pid()
             AND NOT (s.usename = current_user AND s.application_name LIKE 'submilli/%')
             AND (s.query_start < pg_catalog.clock_timestamp() - $1 * interval '1 second'
                  OR s.wait_event = ANY ($2))) a
   ORDER BY a.query_start
   LIMIT 200`;

/** Statements that run for a while, as seen in passing: what they wait for, and for whom. */
export const running = defineSampler({
  name: 'running',
  source: 'pg_stat_activity',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    commitWait: counter(
      'db_commit_wait_seconds_total',
      'Sampled time (session_sampling_hz) that sessions waited for WAL to be written (WALWrite) and flushed (WALSync), and for synchronous standbys (SyncRep): what a commit is made of that neither statements nor, without BEGIN, the log show.',
      ['database', 'wait_event'],
    ),
  },
  interval: ({ session_sampling_hz }) => (session_sampling_hz === 0 ? 0 : 1 / session_sampling_hz),
  keepsState: true,
  start: startSightings,
  read: async (session: SqlSession, { config }: Env<PostgresFacts>, deadline: Deadline) => {
    const seconds = config.thresholds.query_time_warning_ms / 1000 / 2;
    const rows = row.array().parse(await session.query(sql, [seconds, COMMIT_WAITS], deadline));
    return rows.map((one): Sighting => ({
      ...{ at: one.now * 1000, startedAt: one.started * 1000, pid: one.pid, database: one.database },
      ...{ queryid: one.queryid, waitEventType: one.wait_event_type, waitEvent: one.wait_event },
      blockedBy: one.blocked_by,
    }));
  },
  fold: (state: Sightings, seen: readonly Sighting[], _at, { config }: Env<PostgresFacts>) =>
    takeSightings(state, seen, COMMIT_WAITS, 1 / config.session_sampling_hz),
  publish: (state, m) =>
    [...state.commitWaits.values()].map(({ database, waitEvent, seconds }) =>
      m.commitWait({ database, wait_event: waitEvent }, seconds),
    ),
});
