import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type LocalPostgres } from '@submilli/local-postgres';
import { PASSWORD } from './big-server';

/** An exporter as a process of its own, as a user would run it. */
export type Watcher = {
  readonly name: string;
  readonly role: string;
  readonly url: string;
  /** User and system CPU seconds so far. */
  readonly cpuSeconds: () => number;
  /** Resident memory in MB. */
  readonly memoryMb: () => number;
  readonly stop: () => Promise<void>;
};

const submilli = join(__dirname, '..', '..', 'toolkit', 'bin', 'submilli.js');
const TICKS_PER_SECOND = 100;

/** One of our exporters at its defaults. */
export const startOurs = async (server: LocalPostgres, exporter: 'database' | 'query'): Promise<Watcher> => {
  const directory = await mkdtemp(join(tmpdir(), 'submilli-bench-'));
  const port = await freePort();
  const config = join(directory, 'submilli.yml');
  await writeFile(
    config,
    JSON.stringify({
      listen: { [exporter]: `127.0.0.1:${port}` },
      state_directory: directory,
      postgres: [{ name: 'big', host: server.host, port: server.port, user: 'ours', password: PASSWORD }],
    }),
  );
  const child = spawn(process.execPath, [submilli, 'serve', exporter, '--config', config], { stdio: 'ignore' });
  return watcher(`submilli ${exporter}`, 'ours', `http://127.0.0.1:${port}/metrics`, child, () =>
    rm(directory, { recursive: true }),
  );
};

/** Debian's postgres_exporter at its defaults. */
export const startPeer = async (server: LocalPostgres): Promise<Watcher> => {
  const port = await freePort();
  const child = spawn('prometheus-postgres-exporter', [`--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      DATA_SOURCE_NAME: `postgresql://theirs:${PASSWORD}@${server.host}:${server.port}/postgres?sslmode=disable`,
    },
  });
  return watcher('postgres_exporter', 'theirs', `http://127.0.0.1:${port}/metrics`, child, () => Promise.resolve());
};

const watcher = async (
  name: string,
  role: string,
  url: string,
  child: ChildProcess,
  cleanUp: () => Promise<void>,
): Promise<Watcher> => {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${name} ended with ${String(code)}`)));
  });
  failed.catch(() => undefined);
  const { pid } = child;
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    await cleanUp();
  };
  try {
    await Promise.race([answering(url), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ name, role, url, stop },
    cpuSeconds: () => {
      const fields =
        readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
          .split(') ')[1]
          ?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    memoryMb: () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1024,
  };
};

const answering = async (url: string): Promise<void> => {
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
