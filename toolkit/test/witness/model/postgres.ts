import { type Cluster, type Name, other, withMember } from './cluster';
import type { Happening } from './explore';

/** What is acknowledged must be in the WAL that from now on is the cluster's. */
export const lose = (cluster: Cluster, wal: string): Cluster => {
  const lost = [...cluster.acknowledged].filter((write) => !wal.includes(write));
  return lost.length === 0 ? cluster : { ...cluster, broken: `acknowledged writes are lost` };
};

export const canAcknowledge = (cluster: Cluster, name: Name): boolean => {
  const [member, standby] = [cluster[name], cluster[other(name)]];
  if (!member.isUp || member.postgres !== 'primary') return false;
  return !member.waits || (cluster.streams === name && standby.isUp && standby.postgres === 'standby');
};

/** What PostgreSQL and its client do. */
export const postgresSteps = (cluster: Cluster, name: Name): Happening<Cluster>[] => {
  const [member, standby] = [cluster[name], cluster[other(name)]];
  const steps: Happening<Cluster>[] = [];
  if (!member.isUp) return steps;
  if (member.postgres === 'promoting') {
    const promoted = withMember(cluster, name, { postgres: 'primary' });
    const alone = cluster.streams === other(name) ? { ...promoted, streams: null } : promoted;
    steps.push([`${name} is promoted`, lose(alone, member.wal)]);
  }
  if (member.postgres !== 'primary') return steps;
  const { writes } = cluster.left;
  if (writes > 0) {
    const after = withMember(cluster, name, { wal: member.wal + writes });
    steps.push([`a client writes ${writes} to ${name}`, { ...after, left: { ...cluster.left, writes: writes - 1 } }]);
  }
  const waiting = [...member.wal].findIndex((write) => !cluster.acknowledged.includes(write));
  if (waiting >= 0 && (!member.waits || waiting < member.confirmed)) {
    const write = member.wal.charAt(waiting);
    const acknowledged = [...cluster.acknowledged, write].sort().join('');
    steps.push([`${name} acknowledges ${write}`, { ...cluster, acknowledged }]);
  }
  if (!standby.isUp || standby.postgres !== 'standby') return steps;
  if (cluster.streams === name && standby.wal.length < member.wal.length) {
    const wal = member.wal.slice(0, standby.wal.length + 1);
    const received = withMember(cluster, other(name), { wal });
    steps.push([`${other(name)} receives ${wal.slice(-1)}`, withMember(received, name, { confirmed: wal.length })]);
  }
  if (cluster.streams === null && member.wal.startsWith(standby.wal)) {
    const confirmed = withMember(cluster, name, { confirmed: standby.wal.length });
    steps.push([`${other(name)} streams from ${name}`, { ...confirmed, streams: name }]);
  }
  return steps;
};
