import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';
import { ask, withSession } from './ask';
import type { Patroni } from './patroni';
import { pausePool, pointPool, poolFacts, resumePool } from './pool';
import { timelineOfWal } from './table';
import type { DrillMember, Pool, Topology } from './topology';
import type { UndoJournal, UndoStep } from './undo';

export type SwitchoverStep =
  'checkpoint' | 'paused' | 'a transaction kept the pool from pausing' | 'asked' | 'promoted' | 'pointed' | 'resumed';

/** PAUSE waits for the transactions that are open: longer than this, and clients that wait would see more than us. */
const PAUSE_MS = 2000;
const PAUSE_TRIES = 5;
const QUIET_SECONDS = 10;
const LOOK_MS = 10;
/** What must be left of the clients' patience in the pool when we give up. */
const MARGIN_SECONDS = 2;

const promotedSql = `SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL
                       ELSE pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) END AS wal`;

/**
 * Moves the primary so that no client of the pool sees an error: checkpoint (so that the shutdown is short), PAUSE (the
 * pool's clients wait), Patroni's switchover, the pool pointed at the new primary, RESUME. `follow-primary` sees the
 * new primary too and says the same to the pool.
 */
export const switchOver = async (options: {
  readonly topology: Pick<Topology, 'pool' | 'owner' | 'watcher'>;
  readonly patroni: Patroni;
  readonly from: DrillMember;
  readonly to: DrillMember;
  readonly journal: UndoJournal;
  readonly onStep: (step: SwitchoverStep) => void;
}): Promise<void> => {
  const { topology, patroni, from, to, journal, onStep } = options;
  const { pool } = topology;
  const patience = pool === undefined ? 30 : await patienceOf(pool);
  await withSession(from, topology.owner, (client) => ask(client, 'CHECKPOINT', 30_000)).catch(() => undefined);
  onStep('checkpoint');
  const step: UndoStep = { kind: 'resume-pool' };
  journal.push(step);
  try {
    if (pool !== undefined) await pauseInQuiet(pool, topology, from, onStep);
    onStep('paused');
    const timeline = await promote(topology, patroni, from, to, patience, onStep);
    if (pool !== undefined) await pointPool(pool, to, timeline);
    onStep('pointed');
  } finally {
    if (pool !== undefined) await resumePool(pool);
    journal.drop(step);
    onStep('resumed');
  }
};

const longSql = `SELECT pg_catalog.count(*)::int4 AS long FROM pg_catalog.pg_stat_activity
                  WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()
                    AND xact_start < pg_catalog.clock_timestamp() - interval '200 ms'`;

/** Pauses when no transaction is open for long, and again when one came in between; its clients meanwhile go on. */
const pauseInQuiet = async (
  pool: Pool,
  { owner }: Pick<Topology, 'owner'>,
  from: DrillMember,
  onStep: (step: SwitchoverStep) => void,
): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    await withSession(from, owner, async (client) => {
      const end = Date.now() + QUIET_SECONDS * 1000;
      while (Date.now() < end && (await ask<{ long: number }>(client, longSql, 1000))[0]?.long !== 0) {
        await sleep(5 * LOOK_MS);
      }
    });
    try {
      return await pausePool(pool, PAUSE_MS);
    } catch (error) {
      if (attempt === PAUSE_TRIES) throw error;
      onStep('a transaction kept the pool from pausing');
      await sleep(500);
    }
  }
};

/** How long clients wait in the pool before they are told that there is no server. */
const patienceOf = async (pool: Pool): Promise<number> => {
  const { queryWaitSeconds } = await poolFacts(pool);
  if (queryWaitSeconds === 0) return 30; // for ever
  if (queryWaitSeconds > MARGIN_SECONDS + 2) return queryWaitSeconds - MARGIN_SECONDS;
  throw new SubmilliError({
    what: `the pool's query_wait_timeout of ${queryWaitSeconds} s is shorter than a switchover`,
    where: `${pool.host}:${pool.port}`,
    hint: 'Raise it to 10 s or more, or clients see errors.',
  });
};

/** Asks Patroni, and looks at the candidate itself: Patroni's own answer comes up to a second late. */
const promote = async (
  { watcher }: Pick<Topology, 'watcher'>,
  patroni: Patroni,
  from: DrillMember,
  to: DrillMember,
  patience: number,
  onStep: (step: SwitchoverStep) => void,
): Promise<number> =>
  withSession(to, watcher, async (client) => {
    const end = Date.now() + patience * 1000;
    let refusal: unknown;
    patroni.switchover(from.name, to.name).catch((error: unknown) => (refusal = error));
    onStep('asked');
    while (Date.now() < end) {
      if (refusal !== undefined) throw refusal as Error;
      const [row] = await ask<{ wal: string | null }>(client, promotedSql, 1000);
      if (row !== undefined && row.wal !== null) {
        onStep('promoted');
        return timelineOfWal(row.wal);
      }
      await sleep(LOOK_MS);
    }
    throw new SubmilliError({
      what: `${to.name} was not promoted within ${patience} s${refusal === undefined ? '' : `: ${messageOf(refusal)}`}`,
      hint: 'The pool goes on with the old primary; look at Patroni’s log.',
    });
  });
