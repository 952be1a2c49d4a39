import { messageOf, SubmilliError } from '@submilli/core';
import { isPrimaryRole, type Patroni } from '../drill/patroni';
import type { DeployCluster } from './cluster';
import { poolSettings } from './console';
import type { Live } from './live';
import type { Found } from './machine';
import { serverSettings } from './servers';
import { keyOf } from './wanted';

/** Reads all that a plan is made from. Changes nothing. */
export const readLive = async (cluster: DeployCluster, patroni: Patroni): Promise<Live> => {
  const [files, dcs, { members }, pools] = await Promise.all([
    readFiles(cluster),
    needed(cluster.cluster, patroni.rawConfig()),
    needed(cluster.cluster, patroni.cluster()),
    Promise.all(cluster.pools.map(async (pool) => [pool.name, await poolSettings(pool)] as const)),
  ]);
  const leader = cluster.members.find(({ name }) =>
    members.some((member) => member.name === name && isPrimaryRole(member.role)),
  );
  if (leader === undefined) throw new SubmilliError({ what: 'there is no leader', where: cluster.cluster });
  const statuses = await Promise.all(cluster.members.map((member) => needed(member.name, patroni.status(member))));
  return {
    ...{ files, dcs, pools: new Map(pools), leader: leader.name },
    settings: await serverSettings(leader, cluster.watcher),
    members: cluster.members.map(({ name }) => name),
    pending: cluster.members.filter((_, i) => statuses[i]?.pending_restart === true).map(({ name }) => name),
  };
};

const needed = <T>(where: string, answer: Promise<T>): Promise<T> =>
  answer.catch((cause: unknown) => {
    const hint = 'Nothing was changed. A deploy needs an answer from the Patroni of every member: start it first.';
    throw new SubmilliError({ what: messageOf(cause), where, hint, cause });
  });

const readFiles = async ({ machines, wanted }: DeployCluster): Promise<Map<string, Found>> => {
  const found = new Map<string, Found>();
  await Promise.all(
    [...machines.values()].map(async (machine) => {
      const paths = wanted.files.filter((file) => file.machine === machine.name).map(({ path }) => path);
      for (const [path, one] of await machine.read(paths)) found.set(keyOf({ machine: machine.name, path }), one);
    }),
  );
  return found;
};
