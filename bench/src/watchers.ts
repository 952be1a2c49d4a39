import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';

/** An exporter as a process of its own, as a user would run it. */
export type Watcher = {
  readonly name: string;
  readonly pid: number;
  /** What is scraped: of several exporters in one process, each. */
  readonly urls: readonly string[];
  /** Frozen, it costs nothing; it goes on where it was. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
};

export type WatcherOptions = {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly urls: readonly string[];
  /** Where what it says goes. */
  readonly logFile: string;
};

const ANSWER_WITHIN_MS = 60_000;
/** What each exporter says of a target that it does not reach, or of whose answers it can make nothing. */
const TARGET_DOWN = /^(?:db_exporter|pg|pgbouncer)_up(?:\{.*\})? 0$/m;

/** Starts it and waits for its first answer that has something of the target: nothing is cheap. */
export const startWatcher = async ({ name, program, args, env, urls, logFile }: WatcherOptions): Promise<Watcher> => {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, {
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH, ...env },
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${name} ended with ${String(code)}, see ${logFile}`)));
  });
  failed.catch(() => undefined);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    if (child.kill('SIGTERM')) await ended;
  };
  try {
    for (const url of urls) await Promise.race([answering(url), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ name, urls, stop },
    pid: child.pid ?? NaN,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
};

const answering = async (url: string): Promise<void> => {
  let said: string | undefined;
  for (const end = Date.now() + ANSWER_WITHIN_MS; Date.now() < end;) {
    const answer = await fetch(url).catch(() => undefined);
    said = await answer?.text();
    if (answer?.ok === true && !TARGET_DOWN.test(said ?? '')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(said === undefined ? `${url} does not answer` : `its answers have nothing of what it watches`);
};
