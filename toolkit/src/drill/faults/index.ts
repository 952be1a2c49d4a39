import type { DrillKind } from '@submilli/core';
import { etcdLeader, etcdQuorum } from './etcd';
import type { Fault } from './fault';
import { byHooks } from './hooks';
import { fullDisk, partition, powerOff } from './hosts';
import { AFTER_FAILOVER, hang, nodeLoss, patroniKill, postgresHang, postmasterKill, standbyLoss } from './processes';
import { switchover } from './switchover';

const ofPrimary = (fault: Fault): Fault => byHooks(fault, 'primary', AFTER_FAILOVER);

export const faults: Readonly<Record<DrillKind, Fault>> = {
  switchover,
  'postmaster-kill': ofPrimary(postmasterKill),
  'node-loss': ofPrimary(nodeLoss),
  'power-off': ofPrimary(powerOff),
  hang: ofPrimary(hang),
  'postgres-hang': ofPrimary(postgresHang),
  partition: ofPrimary(partition),
  'patroni-kill': byHooks(patroniKill, 'primary', { until: 'writes', atLeastSeconds: 30 }),
  'etcd-leader': etcdLeader,
  'etcd-quorum': etcdQuorum,
  'standby-loss': byHooks(standbyLoss, 'standby', { until: 'writes', atLeastSeconds: 3 }),
  'full-disk': ofPrimary(fullDisk),
};
