import type { Client } from 'pg';
import { until } from '../stack';
import { CLUSTER, critical, type Fault, ofCluster, ofLeader, sparedBy, warning, type Scene } from './fault';
import { untilSynchronous } from './cluster';
import { patronictl, processOf, run, service, session } from './lab';

const replica = ({ standby }: Scene) => ({ cluster: CLUSTER, replica: standby.name });
const forgotten = (scene: Scene) => ({ ...ofLeader(scene), slot: 'forgotten' });

/** A segment is 16 MB of WAL, however little was written to it. */
const fillSegments = async (client: Client, count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) {
    await client.query(`SELECT pg_catalog.pg_logical_emit_message(false, 'faults', 'x')`);
    await client.query('SELECT pg_catalog.pg_switch_wal()');
  }
};

export const unreadSlot: Fault = {
  what: 'nobody reads a replication slot',
  raises: [
    warning('PostgresReplicationSlotInactive', forgotten),
    critical('PostgresReplicationSlotWal', forgotten),
    sparedBy('PostgresReplicationSlotWal', warning('PostgresReplicationSlotWal', forgotten)),
  ],
  begin: async ({ lab, leader }) => {
    // Patroni makes and drops slots: this one is for a consumer that does not come.
    // What is kept for everybody a slot keeps in any case.
    const limit = (slots: string, everybody: number): readonly string[] => [
      ...['--pg', `max_slot_wal_keep_size=${slots}`, '--pg', `wal_keep_size=${everybody}`],
    ];
    await patronictl(lab, 'edit-config', '--force', '-s', 'slots.forgotten.type=physical', ...limit('300MB', 256));
    const client = await session(lab, leader.port);
    const isThere = async (): Promise<boolean> =>
      (await client.query(`SELECT FROM pg_replication_slots WHERE restart_lsn IS NOT NULL AND slot_name = 'forgotten'`))
        .rowCount === 1;
    const isMade = (await until(60, isThere, Boolean)) === true;
    await client.end();
    if (!isMade) throw new Error('Patroni did not make the slot');
    return () => patronictl(lab, 'edit-config', '--force', '-s', 'slots=null', ...limit('1GB', 1024));
  },
};

export const killedPatroni: Fault = {
  what: 'Patroni of the standby is killed, and its PostgreSQL goes on',
  raises: [
    warning('PatroniApiDown', ({ standby }) => ({
      cluster: CLUSTER,
      address: standby.name === 'pg1' ? '127.0.0.1:8008' : '127.0.0.1:8009',
    })),
    warning('PatroniMembersFewer', ofCluster),
    critical('PatroniNoSynchronousStandby', ofCluster),
    critical('PatroniFailoverNotReady', ofCluster),
  ],
  begin: ({ lab, standby }) => {
    process.kill(processOf(lab, standby.name), 'SIGKILL');
    return Promise.resolve(async () => {
      await service(lab, 'start', standby.name);
      await untilSynchronous();
    });
  },
};

/** Nothing but Patroni would resume it: it does, whenever its configuration has changed. */
export const pausedReplay: Fault = {
  what: 'the standby receives and does not replay',
  raises: [critical('DatabaseReplicationLagHigh', replica), warning('PostgresReplicationLagBytes', replica)],
  begin: async ({ lab, leader, standby }) => {
    await run(lab, standby.port, 'SELECT pg_catalog.pg_wal_replay_pause()');
    const client = await session(lab, leader.port);
    await fillSegments(client, 14);
    await client.end();
    return async () => {
      const resume = (): Promise<boolean> =>
        run(lab, standby.port, 'SELECT pg_catalog.pg_wal_replay_resume()').then(
          () => true,
          // What has waited to be replayed may cancel who asks for it.
          () => false,
        );
      if (!(await until(60, resume, Boolean))) throw new Error(`${standby.name} does not resume its replay`);
    };
  },
};

/** A server that the database exporter watches is told of as a server. */
export const unwatchedStandby: Fault = {
  what: 'the standby is stopped, and nobody watches its database',
  raises: [warning('PatroniMemberDown', ({ standby }) => ({ cluster: CLUSTER, member: standby.name }))],
  begin: async ({ lab, standby }) => {
    const both = ['exporter-database', standby.name];
    for (const name of both) await service(lab, 'stop', name);
    return async () => {
      for (const name of both) await service(lab, 'start', name);
      await untilSynchronous();
    };
  },
};
