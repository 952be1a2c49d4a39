import { etcdFor, type EtcdMember, type Member, type Topology } from './topology';

const member = (name: string, address: string): Member => ({ name, address, title: name, port: 5432, restPort: 8008 });
const etcd = (name: string, address: string): EtcdMember => ({
  ...{ name, address },
  ...{ clientPort: 2379, peerPort: 2380, metricsPort: 2381 },
});
const [pg1, pg2] = [member('pg1', '10.0.0.11'), member('pg2', '10.0.0.12')];
const asked = (topology: Pick<Topology, 'members' | 'etcd'>): string[] =>
  topology.members.map(
    (one) =>
      `${one.name}: ${etcdFor(topology, one)
        .map(({ name }) => name)
        .join(' ')}`,
  );

describe('which etcd members Patroni asks', () => {
  it('is those on other machines than its own, those without a server first', () => {
    const stores = [etcd('e1', '10.0.0.11'), etcd('e2', '10.0.0.12'), etcd('e3', '10.0.0.13')];
    expect(asked({ members: [pg1, pg2], etcd: stores })).toEqual(['pg1: e3 e2', 'pg2: e3 e1']);
  });

  it('is all of them where they have machines of their own, or share one with everything', () => {
    const apart = [etcd('e1', '10.0.0.21'), etcd('e2', '10.0.0.22'), etcd('e3', '10.0.0.23')];
    expect(asked({ members: [pg1, pg2], etcd: apart })).toEqual(['pg1: e1 e2 e3', 'pg2: e1 e2 e3']);
    const here = { members: [member('pg1', '127.0.0.1'), member('pg2', '127.0.0.1')] };
    expect(asked({ ...here, etcd: [etcd('e1', '127.0.0.1')] })).toEqual(['pg1: e1', 'pg2: e1']);
  });

  it('is the one there is, wherever it is', () => {
    expect(asked({ members: [pg1], etcd: [etcd('e1', '10.0.0.11')] })).toEqual(['pg1: e1']);
  });
});
