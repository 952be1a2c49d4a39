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
export type EtcdMember = Place & { readonly name: string; readonly clientPort: number; readonly peerPort: number };

/** What there is of the cluster, and where. */
export type Topology = {
  readonly members: readonly Member[];
  readonly etcd: readonly EtcdMember[];
  /** Where pool, exporters and workload connect from. */
  readonly outside: string;
};

/**
 * The etcd members that one PostgreSQL member asks: not the one on its own machine, if others are left. A machine that was
 * cut off and returns would read there, for a moment, that it still is the leader; Patroni before 3.1 then takes the
 * leader's lock from whoever has it since.
 */
export const etcdFor = ({ members, etcd }: Topology, { address }: Member): readonly EtcdMember[] => {
  const shared = new Set(members.map((member) => member.address)).size < members.length;
  const remote = etcd.filter((one) => one.address !== address);
  return shared || remote.length < 2 ? etcd : remote;
};

export const restUrl = ({ address, restPort }: Member): string => `http://${address}:${restPort}`;
export const etcdUrl = ({ address, clientPort }: EtcdMember): string => `http://${address}:${clientPort}`;
export const etcdPeerUrl = ({ address, peerPort }: EtcdMember): string => `http://${address}:${peerPort}`;
