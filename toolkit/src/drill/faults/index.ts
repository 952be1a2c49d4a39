import type { DrillKind } from '@submilli/core';
import { etcdLeader, etcdQuorum } from './etcd';
import type { Fault } from './fault';
import { hang, nodeLoss, patroniKill, postgresHang, postmasterKill, standbyLoss } from './processes';
import { switchover } from './switchover';

/** Until the stack has hosts of their own for its members, nothing can be cut off or filled up that is not everybody's. */
const onHosts = (what: string): Fault => ({
  refusal: ({ hosts }) => (hosts ? undefined : `${what}, which takes members on hosts of their own (stack up --hosts)`),
  inject: () => Promise.reject(new Error('refused')),
});

export const faults: Readonly<Record<DrillKind, Fault>> = {
  switchover,
  'postmaster-kill': postmasterKill,
  'node-loss': nodeLoss,
  'power-off': onHosts('it silences one member’s network'),
  hang,
  'postgres-hang': postgresHang,
  partition: onHosts('it cuts one member’s network'),
  'patroni-kill': patroniKill,
  'etcd-leader': etcdLeader,
  'etcd-quorum': etcdQuorum,
  'standby-loss': standbyLoss,
  'full-disk': onHosts('it fills one member’s disk'),
};
