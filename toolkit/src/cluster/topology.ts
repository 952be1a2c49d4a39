/** Where something is: an address, and the host of a stack that has it, if it has hosts. */
export type Place = { readonly address: string; readonly host?: string | undefined };

/** A PostgreSQL server under Patroni. */
export type Member = Place & {
  readonly name: string;
  readonly title: string;
  readonly port: number;
  readonly restPort: number;
};

/** A member of the consensus store. */
export type EtcdMember = Place & {
  readonly name: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Plain HTTP, for health and metrics only. */
  readonly metricsPort: number;
};

/** A PgBouncer. */
export type Pool = Place & {
  readonly name: string;
  readonly port: number;
  /** The name of the certificate it shows, if not its own: that of the member it stands beside. */
  readonly certificate?: string;
};

/** A HAProxy: one port leads to the primary, the other to the standbys. */
export type Proxy = Place & { readonly name: string; readonly port: number; readonly replicaPort: number };

/** What there is of the cluster, and where. */
export type Topology = {
  readonly members: readonly Member[];
  readonly etcd: readonly EtcdMember[];
  readonly pools: readonly Pool[];
  /** In front of the members: what is for a member must be valid for the address of its proxy, too. */
  readonly proxies: readonly Proxy[];
  /** Addresses from which the application connects by itself, those of the exporters, and those of people. */
  readonly clients: readonly string[];
  readonly watchers: readonly string[];
  readonly operators: readonly string[];
};

/**
 * The etcd members that one PostgreSQL member asks, in this order.
 *
 * Not the one on its own machine, if two others are left: a machine that was cut off and returns would read there, for a
 * moment, that it still is the leader; Patroni before 3.0.3 then takes the leader's lock from whoever has it since. First
 * those on machines without a PostgreSQL member: whoever watches one beside the leader learns late that both are gone.
 */
export const etcdFor = (
  { members, etcd }: Pick<Topology, 'members' | 'etcd'>,
  { address }: Member,
): readonly EtcdMember[] => {
  const machines = new Set(members.map((member) => member.address));
  const remote = etcd.filter((one) => one.address !== address);
  if (machines.size < members.length || remote.length < 2) return etcd;
  return remote.toSorted((a, b) => Number(machines.has(a.address)) - Number(machines.has(b.address)));
};

export const restUrl = ({ address, restPort }: Member): string => `https://${address}:${restPort}`;
export const etcdUrl = ({ address, clientPort }: EtcdMember): string => `https://${address}:${clientPort}`;
export const etcdPeerUrl = ({ address, peerPort }: EtcdMember): string => `https://${address}:${peerPort}`;
export const etcdMetricsUrl = ({ address, metricsPort }: EtcdMember): string => `http://${address}:${metricsPort}`;
