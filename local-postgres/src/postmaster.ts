import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, closeSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SubmilliError, messageOf } from '@submilli/core';
import { Client, type ClientConfig, type QueryResultRow } from 'pg';
import { serverAccount } from './account';
import type { Binaries } from './binaries';
import type { Settings } from './cluster';
import { killTree, tieToThisProcess } from './processes';
import { asAccount, serverEnv } from './run';

/** Where every server listens, and the only place it listens on. */
export const HOST = '127.0.0.1';
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;

/** How to run a cluster that exists on disk. */
export type RunSpec = {
  readonly binaries: Binaries;
  readonly dataDir: string;
  readonly logFile: string;
  readonly port: number;
  readonly password: string;
  readonly settings: Settings;
  readonly preload: readonly string[];
  readonly fsync: boolean;
  /** Removed on stop. */
  readonly temporary: (() => Promise<void>) | undefined;
};

export type Running = { readonly child: ChildProcess; readonly gone: Promise<void>; readonly letGo: () => void };

/** Starts the postmaster of a configured cluster, its output appended to the log file. */
export const launch = ({ binaries, dataDir, logFile, temporary }: RunSpec): Running => {
  const account = serverAccount();
  const log = openSync(logFile, 'a', 0o600);
  if (account !== undefined) chownSync(logFile, account.uid, account.gid);
  const child = spawn(binaries.postgres, ['-D', dataDir], {
    cwd: '/',
    env: serverEnv,
    stdio: ['ignore', log, log],
    detached: true, // Ctrl-C on our terminal is for us; we stop it in order
    ...asAccount(account),
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', () => resolve());
  });
  child.unref();
  const letGo = child.pid === undefined ? () => undefined : tieToThisProcess(child.pid, temporary && dirname(dataDir));
  void gone.then(letGo);
  return { child, gone, letGo };
};

const hasEnded = ({ child }: Running): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** Waits for the first answered query. Throws a `SubmilliError` with the end of the log if the server ends or is too slow. */
export const untilAnswering = async (running: Running, config: ClientConfig, logFile: string): Promise<void> => {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const problem = await queryOnce(config, 'SELECT 1').then(() => undefined, toError);
    if (problem === undefined) return;
    const refused = problem.code === WRONG_PASSWORD;
    if (refused) await sleep(500); // ours won't change its mind; somebody else's means that ours is about to end
    if (refused || hasEnded(running) || Date.now() > deadline) {
      throw new SubmilliError({
        what: `PostgreSQL did not start (${messageOf(problem)}). The end of its log:\n${logTail(logFile)}`,
        where: `${HOST}:${config.port}`,
        cause: problem,
      });
    }
    await sleep(25);
  }
};

const WRONG_PASSWORD = '28P01';
const toError = (thrown: unknown): NodeJS.ErrnoException =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

/** Sends the signal that should end the server and waits; one that doesn't obey is killed. */
export const endProcess = async (running: Running, send: (pid: number) => void | Promise<void>): Promise<void> => {
  const { child, gone } = running;
  if (child.pid === undefined || hasEnded(running)) return;
  await send(child.pid);
  const patience = new AbortController();
  const stubborn = sleep(STOP_DEADLINE_MS, 'stubborn' as const, { signal: patience.signal }).catch(() => undefined);
  if ((await Promise.race([gone, stubborn])) === 'stubborn') {
    await killTree(child.pid);
    await gone;
  }
  patience.abort();
};

const logTail = (logFile: string): string => readFileSync(logFile, 'utf8').trim().split('\n').slice(-15).join('\n');

/** One statement over a connection of its own. */
export const queryOnce = async <R extends QueryResultRow>(
  config: ClientConfig,
  sql: string,
  values?: unknown[],
): Promise<R[]> => {
  const client = new Client(config);
  client.on('error', () => undefined); // the query's own rejection tells
  try {
    await client.connect();
    return (await client.query<R>(sql, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
};
