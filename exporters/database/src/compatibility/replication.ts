import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { needs, peerGauge, PREFIX } from './peer';

const row = z.object({ lag: z.number(), is_replica: z.boolean(), last_replay: z.number() });

/** `greatest` passes over NULL: on a primary, and before the first replayed commit, the peer says 0 too. */
const sql = `
  WITH replay AS (
    SELECT greatest(0, extract(epoch FROM pg_catalog.now() - pg_catalog.pg_last_xact_replay_timestamp()))::float8 AS age
  )
  SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN 0
              WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
              ELSE replay.age END AS lag,
         pg_catalog.pg_is_in_recovery() AS is_replica, replay.age AS last_replay
    FROM replay`;

export const compatReplication = defineCollector({
  name: `${PREFIX}replication`,
  source: 'pg_last_xact_replay_timestamp()',
  needs,
  metrics: {
    lag: peerGauge('pg_replication_lag_seconds', 'Age of the last replayed commit while WAL waits for replay; else 0.'),
    isReplica: peerGauge('pg_replication_is_replica', 'Whether the server is a standby (1) or not (0).'),
    lastReplay: peerGauge('pg_replication_last_replay_seconds', 'Age of the last replayed commit; 0 on a primary.'),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap((r) => [m.lag({}, r.lag), m.isReplica({}, Number(r.is_replica)), m.lastReplay({}, r.last_replay)]),
});
