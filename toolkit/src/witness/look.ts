import type { Dcs } from './dcs';
import type { LeaseLeft } from './etcd/wire';

/** `unknown`: it could not be asked, and the fault may be ours. */
export type Health = { readonly is: 'alive' | 'dead' | 'unknown'; readonly why: string };

/** What a standby named in /sync says of itself; `fit` is null when it could take over, else why not. */
export type Standby = { readonly name: string; readonly unfit: string | null };

/** What one witness sees at one time. */
export type Look = {
  /** Why nothing of this look may be used: this witness itself stood still, or etcd did not answer. */
  readonly blind: string | null;
  readonly dcs: Dcs | null;
  /** Of the leader that `dcs` names. */
  readonly postgres: Health;
  readonly patroni: Health;
  /** Of the leader's lease; only asked for, like `standbys`, when both are dead. */
  readonly lease: LeaseLeft | null;
  readonly standbys: readonly Standby[];
};

export type Verdict =
  /** Nothing to do: the leader lives, or there is none. */
  | { readonly kind: 'calm'; readonly why: string }
  /** Nothing is known, so nothing that was known before counts either. */
  | { readonly kind: 'blind'; readonly why: string }
  /** PostgreSQL and Patroni of this leader are dead. `objections` forbid to act on it all the same. */
  | {
      readonly kind: 'dead';
      readonly leader: string;
      readonly revision: string;
      readonly objections: readonly string[];
    };

export const judge = (look: Look): Verdict => {
  const { blind, dcs, postgres, patroni } = look;
  if (blind !== null || dcs === null) return { kind: 'blind', why: blind ?? 'etcd did not answer' };
  const { leader } = dcs;
  if (leader === null) return { kind: 'calm', why: 'there is no leader key' };
  if (postgres.is === 'alive') return { kind: 'calm', why: `${leader.name}: PostgreSQL answers` };
  if (patroni.is === 'alive') return { kind: 'calm', why: `${leader.name}: Patroni answers` };
  const unknown = [postgres, patroni].find(({ is }) => is === 'unknown');
  if (unknown !== undefined) return { kind: 'blind', why: `${leader.name}: ${unknown.why}` };
  return {
    kind: 'dead',
    leader: leader.name,
    revision: leader.revision,
    objections: [...objectionsTo(dcs), ...leaseObjections(look, dcs), ...standbyObjections(look)],
  };
};

/** Why a leader of this cluster would not be removed, dead or not. */
export const objectionsTo = ({ leader, config, sync, failover, removed }: Dcs): string[] => {
  if (config === null) return ['the cluster has no configuration in etcd'];
  return [
    ...(config.paused ? ['the cluster is paused'] : []),
    ...(config.standbyCluster ? ['it is a standby cluster'] : []),
    ...(config.synchronous === 'off' ? ['synchronous_mode is off'] : []),
    ...(config.synchronous === 'quorum'
      ? ['synchronous_mode is quorum, where one standby alone may lack commits']
      : []),
    ...(failover?.pending === true ? ['a switchover or failover is requested'] : []),
    ...(removed === null ? [] : [`${removed} removed a leader key a short while ago`]),
    ...(leader !== null && sync !== null && sync.leader !== leader.name ? ['/sync is not of this leader'] : []),
    ...(sync === null || sync.standbys.length === 0 ? ['no synchronous standby is named in /sync'] : []),
  ];
};

/**
 * A Patroni that works renews its lease every loop_wait, wherever the network between it and us is cut. Seconds are
 * whole in etcd's answer: 18 of 20 left means that more than one has passed.
 */
const leaseObjections = ({ lease }: Look, { config }: Dcs): string[] => {
  if (lease === null) return ['the leader’s lease is not known'];
  const silent = lease.granted - lease.remaining;
  return silent > (config?.loopWait ?? Infinity) ? [] : ['its Patroni has renewed its lease within loop_wait'];
};

const standbyObjections = ({ standbys }: Look): string[] => {
  if (standbys.length === 0) return ['no synchronous standby has been asked'];
  if (standbys.some(({ unfit }) => unfit === null)) return [];
  return standbys.map(({ name, unfit }) => `synchronous standby ${name}: ${unfit ?? ''}`);
};
