import { type Member, members, until } from '../stack';
import { postmasterOf } from '../../../src/stack/procs';
import {
  CLUSTER,
  critical,
  type Fault,
  info,
  ofCluster,
  ofLeader,
  ofStandby,
  sparedBy,
  warning,
  type Scene,
} from './fault';
import { type Lab, patronictl, run, service, value } from './lab';

const ofLeading = ({ leader }: Scene) => ({ cluster: CLUSTER, member: leader.name });

/** The primary goes, and the other member takes over. */
export const stoppedPrimary: Fault = {
  what: 'the primary is stopped',
  raises: [
    critical('PostgresDown', ofLeader),
    info('PatroniFailover', ofCluster),
    critical('PostgresReplicaDisconnected', ({ leader }) => ({ cluster: CLUSTER, replica: leader.name })),
    critical('PatroniNoSynchronousStandby', ofCluster),
    sparedBy('PostgresDown', warning('PatroniMemberDown', ofLeading)),
    sparedBy('PostgresDown', critical('DatabaseCanaryFailing', ofLeader)),
    sparedBy('PostgresDown', warning('SubmilliTargetDown', ofLeader)),
  ],
  begin: async ({ lab, leader }) => {
    await service(lab, 'stop', leader.name);
    return async () => {
      await service(lab, 'start', leader.name);
      await untilSynchronous();
    };
  },
};

export const switchovers: Fault = {
  what: 'the primary changes again and again',
  raises: [critical('PatroniFailover', ofCluster), info('PostgresRestarted', ofLeader)],
  begin: async (scene) => {
    for (const to of [scene.standby, scene.leader, scene.standby]) {
      await untilSynchronous();
      await patronictl(scene.lab, 'switchover', CLUSTER, '--candidate', to.name, '--force');
    }
    return untilSynchronous;
  },
};

/** Patroni changes roles only when the standby is a synchronous one. */
export const untilSynchronous = async (): Promise<void> => {
  const isSynchronous = (all: readonly Member[]): boolean =>
    all.some(({ role, state }) => role === 'sync_standby' && state === 'running');
  const seen = await until(180, members, isSynchronous);
  if (!isSynchronous(seen)) throw new Error(`no standby became a synchronous one: ${JSON.stringify(seen)}`);
};

/**
 * Members that bear with a machine that does other work beside: with the stack's own timers a leader of which nothing is
 * heard for 5 s loses its role, and with it all that was about to be told of it. How long a failover takes is not looked
 * at here.
 */
export const bePatient = (lab: Lab): Promise<void> =>
  patronictl(lab, 'edit-config', '--force', '-s', 'ttl=30', '-s', 'retry_timeout=10');

/** All: Patroni has seen its store as long as one member answers, though it may not write. */
const ETCD = ['etcd1', 'etcd2', 'etcd3'];

export const stoppedEtcd: Fault = {
  what: 'the three etcd members are stopped',
  // Of both members.
  raises: [critical('PatroniDcsUnreachable', ofCluster), critical('PatroniFailsafeActive', ofCluster)],
  begin: async ({ lab }) => {
    for (const member of ETCD) await service(lab, 'stop', member);
    // None is ready before a second one is there.
    return async () => {
      await Promise.all(ETCD.map((member) => service(lab, 'start', member)));
    };
  },
};

export const pausedCluster: Fault = {
  what: 'failover is paused, and then PostgreSQL of the primary crashes',
  raises: [
    warning('PatroniPaused', ofCluster),
    critical('PatroniNoLeader', ofCluster),
    sparedBy(
      'PatroniNoLeader',
      warning('PostgresReplicationSlotInactive', (scene) => ({ ...ofStandby(scene), slot: 'unused' })),
    ),
    sparedBy(
      'PatroniNoLeader',
      warning('SubmilliCollectorFailing', () => ({ instance: '127.0.0.1:9094', collector: 'replication' })),
    ),
  ],
  begin: async ({ lab, leader, standby }) => {
    await patronictl(lab, 'pause', '--wait');
    // Patroni would drop it at once if it were not paused.
    await run(lab, standby.port, `SELECT pg_catalog.pg_create_physical_replication_slot('unused')`);
    const postmaster = postmasterOf(`${lab.state}/${leader.name}`);
    if (postmaster === undefined) throw new Error(`there is no PostgreSQL of ${leader.name}`);
    process.kill(postmaster.pid, 'SIGQUIT');
    return async () => {
      await patronictl(lab, 'resume', '--wait');
      await untilSynchronous();
    };
  },
};

const inRecovery = 'SELECT pg_catalog.pg_is_in_recovery()';

/**
 * Until it stays: a Patroni that has yet to compare its member's timeline, after a crash a moment ago, makes it a standby
 * again even when it is paused.
 */
const promote = async (lab: Lab, port: number): Promise<void> => {
  for (let tries = 0; tries < 10; tries += 1) {
    // Without the checkpoint pg_rewind up to PostgreSQL 15 overlooks the promotion, and the member must be made anew.
    await run(lab, port, 'SELECT pg_catalog.pg_promote()', 'CHECKPOINT').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    if ((await value<boolean>(lab, port, inRecovery).catch(() => true)) === false) return;
  }
  throw new Error(`the server on ${port} does not stay promoted`);
};

export const twoPrimaries: Fault = {
  what: 'the standby is promoted by hand while Patroni is paused',
  raises: [critical('PatroniMultipleLeaders', ofCluster), critical('PatroniSplitBrain', ofCluster)],
  begin: async ({ lab, standby }) => {
    await patronictl(lab, 'pause', '--wait');
    await promote(lab, standby.port);
    return async () => {
      await patronictl(lab, 'resume', '--wait');
      await untilSynchronous();
    };
  },
};
