import type { DrillKind } from '@submilli/core';
import { etcdLeader, etcdQuorum } from './etcd';
import type { Fault } from './fault';
import { byHooks } from './hooks';
import { AFTER_FAILOVER, hang, nodeLoss, patroniKill, postgresHang, postmasterKill, standbyLoss } from './processes';
import { switchover } from './switchover';

/** Until the stack has hosts of their own for its members, nothing can be cut off or filled up that is not everybody's. */
const onHosts = (what: string): Fault => ({
  refusal: ({ hosts }) => (hosts ? undefined : `${what}, which takes members on hosts of their own (stack up --hosts)`),
  inject: () => Promise.reject(new Error('refused')),
});

const ofPrimary = (fault: Fault): Fault => byHooks(fault, 'primary', AFTER_FAILOVER);

export const faults: Readonly<Record<DrillKind, Fault>> = {
  switchover,
  'postmaster-kill': ofPrimary(postmasterKill),
  'node-loss': ofPrimary(nodeLoss),
  'power-off': ofPrimary(onHosts('it silences one member’s network')),
  hang: ofPrimary(hang),
  'postgres-hang': ofPrimary(postgresHang),
  partition: ofPrimary(onHosts('it cuts one member’s network')),
  'patroni-kill': byHooks(patroniKill, 'primary', { until: 'writes', atLeastSeconds: 30 }),
  'etcd-leader': etcdLeader,
  'etcd-quorum': etcdQuorum,
  'standby-loss': byHooks(standbyLoss, 'standby', { until: 'writes', atLeastSeconds: 3 }),
  'full-disk': ofPrimary(onHosts('it fills one member’s disk')),
};
