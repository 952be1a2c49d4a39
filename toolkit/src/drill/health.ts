import { messageOf, SubmilliError } from '@submilli/core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { ask, withSession } from './ask';
import { isHealthy } from './etcd';
import { isPrimaryRole, type Patroni } from './patroni';
import { timelineOfWal } from './table';
import type { DrillMember, Topology } from './topology';

/** Who leads and who stands by, in a cluster with which nothing is wrong. */
export type Healthy = { readonly primary: DrillMember; readonly standby: DrillMember; readonly timeline: number };

const streamingSql = `SELECT application_name AS name, sync_state IN ('sync', 'quorum') AS synchronous
                        FROM pg_catalog.pg_stat_replication WHERE state = 'streaming'`;
const timelineSql = `SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) AS wal`;

const ANSWER_MS = 3000;

/** Throws a `SubmilliError` with what is wrong: a drill on top of another trouble measures nothing, and adds to it. */
export const requireHealthy = async (topology: Topology, patroni: Patroni): Promise<Healthy> => {
  const unwell = (what: string, where: string = topology.cluster): SubmilliError =>
    new SubmilliError({ what, where, hint: 'Drills start on a healthy cluster only.' });
  const cluster = await patroni.cluster();
  if (cluster.pause === true) throw unwell('Patroni is paused: nobody would fail over');
  if (cluster.scheduled_switchover !== undefined) throw unwell('a switchover is scheduled');
  const leader = cluster.members.find(({ role }) => isPrimaryRole(role));
  if (leader === undefined) throw unwell('there is no leader');
  for (const { name } of topology.members) {
    const known = cluster.members.find((member) => member.name === name);
    if (known === undefined) throw unwell('Patroni does not know it', name);
    if (!/^(running|streaming)$/.test(known.state)) throw unwell(`it is ${known.state}`, name);
    if (known.timeline !== leader.timeline) {
      throw unwell(`it is on timeline ${known.timeline ?? '?'}, the leader on ${leader.timeline ?? '?'}`, name);
    }
  }
  const primary = topology.members.find(({ name }) => name === leader.name);
  if (primary === undefined) throw unwell(`the leader ${leader.name} is none of the members that are known here`);
  const synchronous = (await patroni.config()).synchronous_mode !== false;
  const { standbys, timeline } = await withSession(primary, topology.watcher, async (client) => {
    const streaming = await ask<{ name: string; synchronous: boolean }>(client, streamingSql, ANSWER_MS);
    const [own] = await ask<{ wal: string }>(client, timelineSql, ANSWER_MS);
    return {
      standbys: streaming.filter((row) => row.synchronous || !synchronous).map(({ name }) => name),
      timeline: timelineOfWal(own?.wal ?? ''),
    };
  });
  const standby = topology.members.find(({ name }) => standbys.includes(name));
  if (standby === undefined) throw unwell(`no ${synchronous ? 'synchronous ' : ''}standby streams from the leader`);
  const role = cluster.members.find(({ name }) => name === standby.name)?.role;
  if (synchronous && role !== 'sync_standby' && role !== 'quorum_standby') {
    throw unwell('Patroni does not call it synchronous yet', standby.name);
  }
  for (const member of topology.etcd) {
    if (!(await isHealthy(member))) throw unwell('it is not healthy', member.name);
  }
  await requirePool(topology, unwell);
  return { primary, standby, timeline };
};

const requirePool = async (topology: Topology, unwell: (what: string, where?: string) => Error): Promise<void> => {
  const { pool, writer } = topology;
  if (pool === undefined) return;
  const look = async (client: Client): Promise<boolean | undefined> => {
    const sql = 'SELECT NOT pg_catalog.pg_is_in_recovery() AS writable';
    return (await ask<{ writable: boolean }>(client, sql, ANSWER_MS))[0]?.writable;
  };
  const writable = await withSession(pool, writer, look, { through: 'pool' }).catch((error: unknown) => {
    throw unwell(`it does not answer: ${messageOf(error)}`, 'pool');
  });
  if (writable !== true) throw unwell('it leads to a standby', 'pool');
};

/** Waits until nothing is wrong any more. Throws the last trouble, as a `SubmilliError`, after `seconds`. */
export const untilHealthy = async (
  topology: Topology,
  patroni: Patroni,
  seconds: number,
  signal: AbortSignal | undefined,
  say: (detail: string) => void = () => undefined,
): Promise<Healthy> => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await requireHealthy(topology, patroni);
    } catch (error) {
      const what = messageOf(error);
      if (Date.now() > end) {
        const hint = 'Look at: npx submilli stack status';
        throw new SubmilliError({ what: `not healthy ${seconds} s after the drill (${what})`, hint, cause: error });
      }
      say(what);
    }
    await sleep(200);
  }
};
