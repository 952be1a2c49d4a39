import { type Clock, messageOf } from '@submilli/core';
import { type Dcs, dcsOf, NOBODY, readTxn } from './dcs';
import type { Etcd } from './etcd/client';
import type { Keys } from './keys';
import type { Health, Look, Standby } from './look';
import { probePatroni, probeStandby } from './probe/patroni';
import { probePostgres } from './probe/postgres';
import type { Agents } from './request';

export type Eyes = {
  readonly keys: Keys;
  readonly etcd: Etcd;
  readonly patroni: Agents;
  readonly timeoutMs: number;
  readonly clock: Clock;
};

const unasked: Health = { is: 'unknown', why: 'not asked' };
const blindLook = (why: string): Look => ({
  ...{ blind: why, dcs: null, postgres: unasked, patroni: unasked, lease: null, standbys: [] },
});

/** One look: etcd first, then the leader it names; its lease and its standbys only when it seems to be dead. */
export const lookAround = async ({ keys, etcd, patroni, timeoutMs, clock }: Eyes): Promise<Look> => {
  let dcs: Dcs;
  try {
    dcs = dcsOf(keys, (await etcd.read(readTxn(keys))).found);
  } catch (error) {
    return blindLook(messageOf(error));
  }
  const seen: Look = { ...blindLook(''), blind: null, dcs };
  if (dcs.leader === null) return seen;
  const { postgres, patroni: restApi } = dcs.members.get(dcs.leader.name) ?? NOBODY;
  if (postgres === null || restApi === null) return blindLook(`etcd does not tell where ${dcs.leader.name} is`);
  const [postgresIs, patroniIs] = await Promise.all([
    probePostgres(postgres, timeoutMs, clock),
    probePatroni(restApi, patroni, timeoutMs, clock),
  ]);
  const answered: Look = { ...seen, postgres: postgresIs, patroni: patroniIs };
  if (postgresIs.is !== 'dead' || patroniIs.is !== 'dead') return answered;
  try {
    const [lease, standbys] = await Promise.all([
      dcs.leader.lease === null ? null : etcd.leaseLeft(dcs.leader.lease),
      askStandbys(dcs, patroni, timeoutMs),
    ]);
    return { ...answered, lease, standbys };
  } catch (error) {
    return blindLook(messageOf(error));
  }
};

export const askStandbys = (dcs: Dcs, patroni: Agents, timeoutMs: number): Promise<Standby[]> =>
  Promise.all((dcs.sync?.standbys ?? []).map((name) => probeStandby(name, dcs, patroni, timeoutMs)));
