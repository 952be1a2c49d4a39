import type { DrillReport } from '@submilli/core';
import { ask, withSession } from './ask';
import { etcdStatus } from './etcd';
import type { Patroni } from './patroni';
import { poolFacts } from './pool';
import type { DrillMember, Topology } from './topology';

export type Facts = Pick<DrillReport, 'software' | 'configuration'>;

/** Versions and settings that every figure is told with. */
export const readFacts = async (topology: Topology, patroni: Patroni, primary: DrillMember): Promise<Facts> => {
  const { members, etcd, pool, watcher } = topology;
  const [config, status, postgresql, pgbouncer, etcdVersion] = await Promise.all([
    patroni.config(),
    patroni.status(primary),
    withSession(primary, watcher, async (client) => {
      const sql = `SELECT pg_catalog.current_setting('server_version') AS version`;
      return (await ask<{ version: string }>(client, sql, 5000))[0]?.version.split(' ')[0] ?? null;
    }),
    pool === undefined ? null : poolFacts(pool).then(({ version }) => version),
    etcd[0] === undefined ? null : etcdStatus(etcd[0]).then(({ version }) => version),
  ]);
  return {
    software: { patroni: status.patroni?.version ?? null, postgresql, pgbouncer, etcd: etcdVersion },
    configuration: {
      ttl: config.ttl,
      loopWait: config.loop_wait,
      retryTimeout: config.retry_timeout,
      primaryStartTimeout: config.primary_start_timeout,
      synchronousMode: config.synchronous_mode !== false,
      synchronousModeStrict: config.synchronous_mode_strict,
      failsafeMode: config.failsafe_mode,
      members: members.length,
      etcdMembers: etcd.length,
      fence: status.tags?.lossless === true ? 'lossless.py' : null,
    },
  };
};
