import type { Member, Pool, Proxy, Topology } from '../cluster/topology';
import type { HostWish, NetworkPlan } from '../hosts/plan';
import type { Layout } from '../stack/layout';

export const LOOPBACK = '127.0.0.1';
export const POOL_PORT = 6432;

/** The stack's members, and the host each runs on if there are hosts. Ports differ, since without hosts they share one. */
const members = [
  { name: 'pg1', host: 'a', port: 5432, restPort: 8008, title: 'first PostgreSQL member' },
  { name: 'pg2', host: 'b', port: 5433, restPort: 8009, title: 'second PostgreSQL member' },
] as const;

const etcd = [
  { name: 'etcd1', host: 'a', clientPort: 2379, peerPort: 2380, metricsPort: 2381 },
  { name: 'etcd2', host: 'b', clientPort: 2389, peerPort: 2390, metricsPort: 2391 },
  { name: 'etcd3', host: 'c', clientPort: 2399, peerPort: 2400, metricsPort: 2401 },
] as const;

/** Room for the trading database, its WAL and a copy while a standby is made anew; a full disk is then soon rehearsed. */
const DISK_MEGABYTES = 3072;

/** The hosts to make. Those with a PostgreSQL server have a disk of its own for it. */
export const hostWishes = (layout: Layout): HostWish[] =>
  ['a', 'b', 'c'].map((name) => {
    const disk = { image: `${diskOf(layout, name)}.img`, mountPoint: diskOf(layout, name), megabytes: DISK_MEGABYTES };
    return { name, ...(members.some(({ host }) => host === name) ? { disk } : {}) };
  });

const diskOf = (layout: Layout, host: string): string => `${layout.dirOf('disks')}/${host}`;

/** Where a member's data directory is: on its host's own disk, if it has a host. */
export const dataDirOf = (layout: Layout, { name, host }: Pick<Member, 'name' | 'host'>): string =>
  host === undefined ? layout.dirOf(name) : `${diskOf(layout, host)}/${name}`;

/** Ways to the primary beside the pool that an observer points there, to be compared with it. */
export type Routes = {
  readonly proxy: Proxy;
  /** Of the proxy, to the pool beside the primary. */
  readonly poolsPort: number;
  /** Pointed at the primary by the callback of Patroni there. */
  readonly callback: Pool;
  /** Leads to the proxy, which finds the primary. */
  readonly beforeProxy: Pool;
  /** One on the machine of each member, leading to it alone. */
  readonly beside: readonly (Pool & { readonly member: Member })[];
};

export const routesOf = ({ members: all }: Topology, network: NetworkPlan | undefined): Routes => {
  // Where it can be reached from the members, too.
  const address = network?.address ?? LOOPBACK;
  const pool = (name: string, port: number): Pool => ({ name, address, port, certificate: 'pgbouncer' });
  return {
    proxy: { name: 'haproxy', address, port: 5000, replicaPort: 5001 },
    poolsPort: 5002,
    callback: pool('pool-callback', 6433),
    beforeProxy: pool('pool-before-proxy', 6434),
    beside: all.map((member, i) => ({
      ...pool(`pool-beside-${member.name}`, 6435 + i),
      ...{ address: member.address, host: member.host, member },
    })),
  };
};

/** The stack as it stands on the hosts of `network`, or all of it on loopback. */
export const stackTopology = (network: NetworkPlan | undefined, withRoutes = false): Topology => {
  const place = <T extends { readonly host: string }>(one: T) => placed(one, network);
  const pools = [{ name: 'pgbouncer', address: LOOPBACK, port: POOL_PORT }];
  const outside = [network?.address ?? LOOPBACK];
  const placedMembers = members.map(place);
  // Everything that is no member connects from where the stack was started; with routes there is a pool beside each.
  const clients = [...outside, ...(withRoutes ? placedMembers.map(({ address }) => address) : [])];
  const from = { clients, watchers: outside, operators: outside };
  return { members: placedMembers, etcd: etcd.map(place), pools, proxies: [], ...from };
};

const placed = <T extends { readonly host: string }>(
  { host, ...rest }: T,
  network: NetworkPlan | undefined,
): Omit<T, 'host'> & { readonly address: string; readonly host?: string } => {
  const there = network?.hosts.find(({ name }) => name === host);
  return there === undefined ? { ...rest, address: LOOPBACK } : { ...rest, host, address: there.address };
};
