import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { needsMonitor, peerGauge, PREFIX } from './peer';

const labels = ['application_name', 'client_addr', 'state', 'slot_name'] as const;

const row = z.object({
  application_name: z.string(),
  client_addr: z.string(),
  state: z.string(),
  slot_name: z.string(),
  position: z.number().nullable(),
  lag: z.number().nullable(),
});

/** Connections that share all labels are one row, that of the one furthest behind: twice the same would be refused. */
const sql = `
  WITH here AS (
    SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn()
                ELSE pg_catalog.pg_current_wal_lsn() END AS lsn
  )
  SELECT coalesce(r.application_name, '') AS application_name,
         coalesce(pg_catalog.host(r.client_addr) || '/' || pg_catalog.masklen(r.client_addr), '') AS client_addr,
         coalesce(r.state, '') AS state, coalesce(s.slot_name::text, '') AS slot_name,
         max(pg_catalog.pg_wal_lsn_diff(here.lsn, '0/0'))::float8 AS position,
         max(pg_catalog.pg_wal_lsn_diff(here.lsn, r.replay_lsn))::float8 AS lag
    FROM here, pg_catalog.pg_stat_replication r
    LEFT JOIN pg_catalog.pg_replication_slots s ON s.active_pid = r.pid
   GROUP BY 1, 2, 3, 4`;

export const compatStatReplication = defineCollector({
  name: `${PREFIX}stat_replication`,
  source: 'pg_stat_replication',
  needs: needsMonitor,
  metrics: {
    position: peerGauge('pg_stat_replication_pg_current_wal_lsn_bytes', 'WAL position of the server in bytes.', labels),
    lag: peerGauge('pg_stat_replication_pg_wal_lsn_diff', 'Bytes of WAL that the standby has yet to replay.', labels),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap(({ position, lag, ...standby }) => [m.position(standby, position), m.lag(standby, lag)]),
});
