import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Client } from 'pg';
import { writeFile } from '../stack/files';
import { includeText } from '../stack/follow-primary';
import { ask, withSession } from './ask';
import type { Place, Pool } from './topology';

const CONSOLE_MS = 2000;
const CONSOLE = { timeoutMs: 5000, through: 'pool' } as const;

/** One command on PgBouncer's console. */
const onConsole = async (pool: Pool, command: string, timeoutMs = CONSOLE_MS): Promise<void> => {
  await withSession(pool, pool.admin, (client) => ask(client, command, timeoutMs), CONSOLE);
};

/**
 * Lets transactions end and holds back new ones: clients wait and see no error. Throws when one does not end in time;
 * the pool is then as it was.
 */
export const pausePool = async (pool: Pool, timeoutMs: number): Promise<void> => {
  try {
    await onConsole(pool, 'PAUSE', timeoutMs);
  } catch (error) {
    await resumePool(pool).catch(() => undefined);
    throw new SubmilliError({
      what: `the pool could not be paused within ${timeoutMs / 1000} s (${messageOf(error)})`,
      hint: 'A transaction may be open for long: SHOW SERVERS on its console says which.',
      cause: error,
    });
  }
};

/** Harmless when it is not paused: PgBouncer then says so, which is no failure. */
export const resumePool = async (pool: Pool): Promise<void> => {
  try {
    await onConsole(pool, 'RESUME');
  } catch (error) {
    if (!/not paused/i.test(messageOf(error))) throw error;
  }
};

/** Points the pool at a member, in the words of `stack follow-primary`, so that whoever of us is later changes nothing. */
export const pointPool = async (pool: Pool, to: Place, timeline: number): Promise<void> => {
  if (pool.include === undefined) return untilPointed(pool, to);
  const { file, database } = pool.include;
  const { uid, gid } = statSync(dirname(file));
  const owner = process.getuid?.() === 0 ? { name: String(uid), uid, gid } : undefined;
  writeFile(file, includeText({ host: to.host, port: to.port, timeline }, database), owner);
  await onConsole(pool, 'RELOAD');
};

const POINTED_MS = 5000;
const LOOK_MS = 50;

/** Where somebody else points the pool, we wait until they have. */
const untilPointed = async (pool: Pool, to: Place): Promise<void> => {
  const look = (client: Client): Promise<{ host: string; port: number }[]> => ask(client, 'SHOW DATABASES', CONSOLE_MS);
  const end = Date.now() + POINTED_MS;
  while (Date.now() < end) {
    const databases = await withSession(pool, pool.admin, look, CONSOLE);
    if (databases.some(({ host, port }) => host === to.host && Number(port) === to.port)) return;
    await sleep(LOOK_MS);
  }
  throw new SubmilliError({
    what: `nobody pointed it at ${to.host}:${to.port} within ${POINTED_MS / 1000} s`,
    where: `${pool.host}:${pool.port}`,
    hint: 'Who does that in this cluster: a callback of Patroni, HAProxy? It goes on with the old address.',
  });
};

/** PgBouncer's version, and what of its configuration decides over an outage. */
export const poolFacts = async (pool: Pool): Promise<{ version: string; queryWaitSeconds: number }> =>
  withSession(
    pool,
    pool.admin,
    async (client) => {
      const [version] = await ask<{ version: string }>(client, 'SHOW VERSION', CONSOLE_MS);
      const config = await ask<{ key: string; value: string }>(client, 'SHOW CONFIG', CONSOLE_MS);
      const wait = config.find(({ key }) => key === 'query_wait_timeout')?.value;
      return { version: version?.version.replace(/^PgBouncer\s+/, '') ?? '', queryWaitSeconds: Number(wait ?? 0) };
    },
    CONSOLE,
  );
