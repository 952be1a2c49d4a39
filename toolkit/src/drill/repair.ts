import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@submilli/core';
import { ask, withSession } from './ask';
import { requireHealthy, untilHealthy, type Healthy } from './health';
import { leaderOf, type Patroni } from './patroni';
import { pointPool } from './pool';
import { timelineOfWal } from './table';
import type { DrillMember, Topology } from './topology';

const BY_ITSELF_SECONDS = 60;
const WITH_HELP_SECONDS = 60;
const ROUNDS_MS = 4000;

/**
 * Waits until the cluster is whole. When it does not get there by itself, as after a leader that took its lock back from
 * its successor, does what a person would, and says so: `helped` is a finding of its own.
 */
export const untilWhole = async (options: {
  readonly topology: Topology;
  readonly patroni: Patroni;
  readonly signal: AbortSignal | undefined;
  readonly say: (detail: string) => void;
  readonly helped: (what: string) => void;
}): Promise<Healthy> => {
  const { topology, patroni, signal, say, helped } = options;
  try {
    return await untilHealthy(topology, patroni, BY_ITSELF_SECONDS, signal, say);
  } catch (error) {
    signal?.throwIfAborted();
    say(messageOf(error));
  }
  await help(topology, patroni, helped);
  return untilHealthy(topology, patroni, WITH_HELP_SECONDS, signal, say);
};

const help = async (topology: Topology, patroni: Patroni, helped: (what: string) => void): Promise<void> => {
  const { members } = await patroni.cluster();
  const { synchronous_mode } = await patroni.config();
  const running = members.every(({ state }) => /^(running|streaming)$/.test(state));
  if (running && synchronous_mode !== false && !members.some(({ role }) => /^(sync|quorum)_standby$/.test(role))) {
    // Patroni 3.0 leaves a /sync key alone that names another leader; switching the mode off removes it.
    await patroni.patchConfig({ synchronous_mode: false });
    await sleep(ROUNDS_MS);
    await patroni.patchConfig({ synchronous_mode });
    await sleep(ROUNDS_MS);
    helped('Patroni had no synchronous standby any more: synchronous_mode was switched off and on again');
  }
  const trouble = await requireHealthy(topology, patroni).then(() => '', messageOf);
  if (topology.pool !== undefined && trouble.startsWith('pool:')) {
    const { primary, timeline } = await leaderNow(topology, patroni);
    await pointPool(topology.pool, primary, timeline);
    helped(`the pool did not lead to the primary any more: it was pointed at ${primary.name} by hand`);
  }
};

/** Who leads, and on which timeline, whatever else may be wrong. */
export const leaderNow = async (
  topology: Topology,
  patroni: Patroni,
): Promise<{ readonly primary: DrillMember; readonly timeline: number }> => {
  const primary = await leaderOf(topology, patroni);
  const timeline = await withSession(primary, topology.watcher, async (client) => {
    const sql = 'SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) AS wal';
    return timelineOfWal((await ask<{ wal: string }>(client, sql, 3000))[0]?.wal ?? '');
  });
  return { primary, timeline };
};
