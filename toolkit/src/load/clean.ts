import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadlineIn, forPeople, type SqlSession, systemClock } from '@submilli/core';
import { writeFile } from '../stack/files';
import { submilliBin } from '../stack/layout';
import { processId } from '../stack/process-id';
import { isAlive, type ProcessId, send, untilGone } from '../stack/procs';
import { openSession, type Place } from './place';
import { CLIENTS, removeScratch } from './run';
import { dropTables } from './tables';

/** Where the process of pgbench is written down, for who cleans up after us. */
const processFile = (scratch: string): string => join(scratch, 'pgbench.json');

export const rememberProcess = (scratch: string, process: ProcessId): void =>
  writeFile(processFile(scratch), `${JSON.stringify(process)}\n`, undefined);

const leftSql = `
  SELECT a.pid FROM pg_catalog.pg_stat_activity a
   WHERE a.application_name = $1 AND a.usename = current_user AND a.datname = pg_catalog.current_database()
     AND a.state <> 'idle'`;

/**
 * Ends what clients that are gone have still running on the server. One that is idle needs no help: a direct one has seen
 * that its client is gone, and one of the pool is the pool's.
 */
export const endClients = async (session: SqlSession): Promise<void> => {
  const deadline = deadlineIn(10_000, systemClock);
  for (const wait of [0, 250, 750, 1000]) {
    await sleep(wait);
    if ((await session.query(leftSql, [CLIENTS], deadline)).length === 0) return;
  }
  await session.query(`SELECT pg_catalog.pg_terminate_backend(l.pid) FROM (${leftSql}) l`, [CLIENTS], deadline);
};

/** On the server: no client of ours, no table of ours. True if there was a table. */
export const cleanServer = async (session: SqlSession): Promise<boolean> => {
  await endClients(session);
  return dropTables(session, deadlineIn(30_000, systemClock));
};

/** All that a load has left which was killed: its pgbench, its clients, its tables and its files. */
export const cleanAfterDeath = async (place: Place, scratch: string | undefined): Promise<boolean> => {
  if (scratch !== undefined) await endProcess(scratch);
  const { session, close } = await openSession(place.server);
  try {
    return await cleanServer(session);
  } finally {
    await close();
    if (scratch !== undefined) removeScratch(scratch);
  }
};

const endProcess = async (scratch: string): Promise<void> => {
  if (!existsSync(processFile(scratch))) return;
  const left = processId.parse(JSON.parse(readFileSync(processFile(scratch), 'utf8')));
  if (!isAlive(left)) return;
  send(left.pid, 'SIGTERM');
  if (!(await untilGone(left, 3))) send(left.pid, 'SIGKILL');
};

/** Ours alone is removed, whatever the command line says. */
export const isScratch = (path: string): boolean =>
  dirname(path) === tmpdir() && basename(path).startsWith('submilli-load-');

/**
 * A process that outlives this one, whatever ends it, SIGKILL included: when its standard input is closed by our end and
 * the scratch directory is still there, it cleans up.
 */
export const startGuard = (scratch: string, placeArgs: readonly string[]): void => {
  const args = ['load', 'clean', '--after-death', '--scratch', scratch, ...placeArgs];
  const guard = spawn(process.execPath, [submilliBin, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // Ctrl-C is for us
  });
  guard.on('error', (error) => console.error(`nobody watches over this load: ${forPeople(error)}`));
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void }).unref?.();
};
