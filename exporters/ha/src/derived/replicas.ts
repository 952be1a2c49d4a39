import { defineDerived, gauge, legacy } from '@submilli/core';
import { replication } from '../collectors/replication';
import type { Replica } from '../topology/replicas';
import { topology } from './topology';

type Data = { readonly primary: string; readonly replicas: readonly Replica[] };

const syncStates = ['async', 'potential', 'sync', 'quorum'] as const;
const labels = ['replica'] as const;

/** Replication by member: as the primary sees it; of one that streams from another replica, as itself says. */
export const replicas = defineDerived({
  name: 'replicas',
  source: 'pg_stat_replication, pg_stat_wal_receiver',
  metrics: {
    connected: gauge(
      'db_replication_connected',
      'Whether the replica streams, from the primary or from another replica (1), or is lost (0). One that was there once stays listed for a day, one that is configured for ever.',
      labels,
    ),
    upstream: gauge('db_replication_upstream', 'Always 1; from which member the replica streams.', [
      'replica',
      'upstream',
    ]),
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
  // Without a primary nothing is said of its replicas.
  derive: (snapshots): Data | null => {
    const primary = snapshots.of(replication)?.primary;
    return primary === undefined ? null : { primary, replicas: snapshots.of(topology)?.replicas ?? [] };
  },
  publish: (data: Data | null, m) =>
    (data?.replicas ?? []).flatMap(({ name: replica, connected, upstream, sync, lag }) => [
      m.connected({ replica }, connected ? 1 : 0),
      ...(connected && upstream !== null ? [m.upstream({ replica, upstream }, 1)] : []),
      ...(sync === null ? [] : syncStates.map((state) => m.sync({ replica, state }, sync === state ? 1 : 0))),
      ...(lag === null
        ? []
        : [
            m.writeBytes({ replica }, lag.writeBytes),
            m.flushBytes({ replica }, lag.flushBytes),
            m.replayBytes({ replica }, lag.replayBytes),
            m.writeSeconds({ replica }, lag.writeSeconds),
            m.flushSeconds({ replica }, lag.flushSeconds),
            m.replaySeconds({ replica }, lag.replaySeconds),
            m.lagBytes({ master: data?.primary ?? '', replica }, lag.replayBytes),
            m.lagSeconds({ master: data?.primary ?? '', replica }, lag.replaySeconds),
          ]),
    ]),
});
