import { defineCollector, type Deadline, type Env, gauge, legacy, Problem } from '@submilli/core';
import { z } from 'zod';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';

const row = z.object({
  replica: z.string(),
  state: z.string(),
  sync_state: z.string(),
  write_bytes: z.number().nullable(),
  flush_bytes: z.number().nullable(),
  replay_bytes: z.number().nullable(),
  write_seconds: z.number().nullable(),
  flush_seconds: z.number().nullable(),
  replay_seconds: z.number().nullable(),
});

export type ReplicaRow = z.infer<typeof row>;

export type ReplicationData = {
  readonly primary: string;
  readonly replicas: readonly ReplicaRow[];
  /** Every replica there should be: listed by Patroni, or connected at some time since the exporter began. */
  readonly expected: readonly string[];
};

/** What the primary knows of each replica. A base backup and the WAL it streams are walsenders too, but no replicas. */
const sql = `
  WITH here AS (SELECT pg_catalog.pg_current_wal_lsn() AS lsn)
  SELECT r.application_name AS replica, r.state, coalesce(r.sync_state, '') AS sync_state,
         pg_catalog.pg_wal_lsn_diff(here.lsn, r.write_lsn)::float8 AS write_bytes,
         pg_catalog.pg_wal_lsn_diff(here.lsn, r.flush_lsn)::float8 AS flush_bytes,
         pg_catalog.pg_wal_lsn_diff(here.lsn, r.replay_lsn)::float8 AS replay_bytes,
         extract(epoch FROM r.write_lag)::float8 AS write_seconds,
         extract(epoch FROM r.flush_lag)::float8 AS flush_seconds,
         extract(epoch FROM r.replay_lag)::float8 AS replay_seconds
    FROM pg_catalog.pg_stat_replication r, here
   WHERE r.state <> 'backup' AND r.application_name <> 'pg_basebackup'
   ORDER BY r.state <> 'streaming', r.replay_lsn DESC NULLS LAST`;

/**
 * PostgreSQL forgets a lag in seconds when nothing is written. With no byte outstanding that is a lag of zero;
 * otherwise it is unknown, and unknown is absent.
 */
export const lagSeconds = (seconds: number | null, bytes: number | null): number | null =>
  seconds ?? (bytes !== null && bytes <= 0 ? 0 : null);

/** The first of each name: of two walsenders that share one, the streaming and most advanced. */
export const oneEach = (rows: readonly ReplicaRow[]): ReplicaRow[] => [
  ...new Map([...rows].reverse().map((r) => [r.replica, r])).values(),
];

const syncStates = ['async', 'potential', 'sync', 'quorum'] as const;
const labels = ['replica'] as const;

export const replication = defineCollector({
  name: 'replication',
  source: 'pg_stat_replication',
  needs: { configured: 'postgres', privilege: 'pg_monitor' },
  metrics: {
    connected: gauge(
      'db_replication_connected',
      'Whether the replica streams from the primary (1) or is lost (0). A replica that was there once stays listed.',
      labels,
    ),
    replicas: gauge('db_replication_replicas', 'Replicas that stream from the primary.'),
    sync: gauge('db_replication_sync_state', 'Which synchronous state the replica is in: 1 for it, 0 for the others.', [
      'replica',
      'state',
    ]),
    writeBytes: gauge('db_replication_write_lag_bytes', 'WAL the replica has not written yet.', labels),
    flushBytes: gauge('db_replication_flush_lag_bytes', 'WAL the replica has not flushed to disk yet.', labels),
    replayBytes: gauge('db_replication_replay_lag_bytes', 'WAL the replica has not replayed yet.', labels),
    writeSeconds: gauge('db_replication_write_lag_seconds', 'Delay until the replica has written recent WAL.', labels),
    flushSeconds: gauge('db_replication_flush_lag_seconds', 'Delay until the replica has flushed recent WAL.', labels),
    replaySeconds: gauge(
      'db_replication_replay_lag_seconds',
      'Delay until the replica has replayed recent WAL.',
      labels,
    ),
    lagBytes: legacy(
      gauge('db_replication_lag_bytes', 'As db_replication_replay_lag_bytes (promised name).', ['master', 'replica']),
    ),
    lagSeconds: legacy(
      gauge('db_replication_lag_seconds', 'As db_replication_replay_lag_seconds (promised name).', [
        'master',
        'replica',
      ]),
    ),
  },
  read: async (session: ClusterSession, { facts }: Env<HaFacts>, deadline: Deadline): Promise<ReplicationData> => {
    const { primary, cluster } = facts;
    if (primary instanceof Problem) throw primary;
    const replicas = oneEach(row.array().parse(await primary.sql.query(sql, [], deadline)));
    const listed =
      cluster instanceof Problem
        ? []
        : cluster.members.filter(({ role }) => !role.endsWith('leader')).map(({ name }) => name);
    const known = session.remember('replica', [...replicas.map(({ replica }) => replica), ...listed]);
    return { primary: primary.name, replicas, expected: known.filter((name) => name !== primary.name) };
  },
  publish: ({ primary, replicas, expected }: ReplicationData, m) => [
    m.replicas({}, replicas.filter(({ state }) => state === 'streaming').length),
    ...expected.map((replica) =>
      m.connected({ replica }, replicas.some((r) => r.replica === replica && r.state === 'streaming') ? 1 : 0),
    ),
    ...replicas.flatMap((r) => {
      const { replica } = r;
      const pair = { master: primary, replica };
      const replaySeconds = lagSeconds(r.replay_seconds, r.replay_bytes);
      return [
        ...syncStates.map((state) => m.sync({ replica, state }, r.sync_state === state ? 1 : 0)),
        m.writeBytes({ replica }, r.write_bytes),
        m.flushBytes({ replica }, r.flush_bytes),
        m.replayBytes({ replica }, r.replay_bytes),
        m.writeSeconds({ replica }, lagSeconds(r.write_seconds, r.write_bytes)),
        m.flushSeconds({ replica }, lagSeconds(r.flush_seconds, r.flush_bytes)),
        m.replaySeconds({ replica }, replaySeconds),
        m.lagBytes(pair, r.replay_bytes),
        m.lagSeconds(pair, replaySeconds),
      ];
    }),
  ],
});
