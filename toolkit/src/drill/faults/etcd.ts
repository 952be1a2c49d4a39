import { send } from '../../stack/procs';
import { etcdStatus } from '../etcd';
import type { EtcdMember, Topology } from '../topology';
import type { UndoStep } from '../undo';
import { found, needsProcesses, processesOf, type Fault, type FaultContext } from './fault';

const MAJORITY_OF = 3;

const kill = ({ topology, journal }: FaultContext, members: readonly EtcdMember[]): [UndoStep] => {
  const targets = members.map(({ name }) => found(processesOf(topology).of(name), name));
  const step: UndoStep = { kind: 'start', services: members.map(({ name }) => name) };
  journal.push(step);
  for (const { pid } of targets) send(pid, 'SIGKILL');
  return [step];
};

export const etcdLeader: Fault = {
  refusal: (topology) =>
    needsProcesses(topology) ??
    (topology.etcd.length < MAJORITY_OF
      ? `etcd has ${topology.etcd.length} member${topology.etcd.length === 1 ? '' : 's'} here, and only three or more can lose their leader and go on`
      : undefined),
  inject: async (context) => {
    const { etcd } = context.topology;
    const leads = await Promise.all(etcd.map(async (member) => (await etcdStatus(member)).leads));
    const leader = found(
      etcd.find((_, i) => leads[i]),
      'a leader of etcd',
    );
    return {
      what: `kill -9 of ${leader.name}, which leads etcd`,
      member: undefined,
      hold: { until: 'writes', atLeastSeconds: 5 },
      undo: kill(context, [leader]),
    };
  },
};

export const etcdQuorum: Fault = {
  refusal: (topology: Topology) =>
    needsProcesses(topology) ?? (topology.etcd.length === 0 ? 'no etcd is known here' : undefined),
  inject: async (context) => {
    const { topology, patroni } = context;
    const { ttl, loop_wait } = await patroni.config();
    return {
      what: `kill -9 of all ${topology.etcd.length} members of etcd`,
      member: undefined,
      // Longer than any lock lives.
      hold: { until: 'writes', atLeastSeconds: ttl + 2 * loop_wait + 3 },
      undo: kill(context, topology.etcd),
    };
  },
};
