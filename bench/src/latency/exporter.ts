import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LatencyAnswer } from '@submilli/core';
import { freePort, type LocalPostgres } from '@submilli/local-postgres';
import { PASSWORD, WATCHER } from './server';
import { DATABASE } from './workloads';

/** What the query exporter says of the SELECTs of a run. */
export type Told = LatencyAnswer['types'][number];

export type Exporter = {
  /** What it says once it has seen this many statements, and all that is logged of them. */
  readonly tells: (statements: number) => Promise<Told>;
  /** User and system CPU seconds so far. */
  readonly cpuSeconds: () => number;
  readonly stop: () => Promise<void>;
};

const submilli = join(__dirname, '..', '..', '..', 'toolkit', 'bin', 'submilli.js');
const INTERVAL_SECONDS = 0.5;
const LONGEST_WAIT_MS = 120_000;
/** Of the clock that /proc counts in. */
const TICKS_PER_SECOND = 100;

/** A process of its own, as a user would run it, but for its beat: it reads the log, and the statistics, twice a second. */
export const startExporter = async (server: LocalPostgres): Promise<Exporter> => {
  const directory = await mkdtemp(join(tmpdir(), 'submilli-bench-'));
  const port = await freePort();
  const address = { host: server.host, port: server.port, user: WATCHER, password: PASSWORD, sslmode: 'disable' };
  const config = {
    listen: { query: `127.0.0.1:${port}` },
    ...{ state_directory: directory, sample_interval_seconds: INTERVAL_SECONDS },
    postgres: [{ name: 'truth', ...address, log: { source: 'file' } }],
  };
  const file = join(directory, 'submilli.yml');
  await writeFile(file, JSON.stringify(config));
  const child = spawn(process.execPath, [submilli, 'serve', 'query', '--config', file], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(directory, { recursive: true });
  };
  const get = async (path: string): Promise<string> => {
    if (child.exitCode !== null) throw new Error(`the query exporter ended with ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return answer?.ok === true ? await answer.text() : '';
  };
  try {
    await until(async () => isReading(await get('/metrics')));
    await sleep(3 * INTERVAL_SECONDS * 1000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    cpuSeconds: () => cpuSeconds(child.pid),
    tells: async (statements) => {
      let lines: number | undefined;
      await until(async () => {
        await sleep(3 * INTERVAL_SECONDS * 1000);
        const text = await get('/metrics');
        const settled = valueOf(text, 'db_query_log_lines_total{kind="duration"}');
        const isSettled = settled !== undefined && settled === lines && isReading(text);
        lines = settled;
        return isSettled && (valueOf(text, `db_query_calls_total{database="${DATABASE}"}`) ?? 0) >= statements;
      });
      const { types } = JSON.parse(await get('/api/v1/latency')) as LatencyAnswer;
      const found = types.find(({ database, queryType }) => database === DATABASE && queryType === 'select');
      if (found === undefined) throw new Error(`the query exporter knows of no SELECT in database ${DATABASE}`);
      return found;
    },
  };
};

const isReading = (text: string): boolean => valueOf(text, 'db_query_log_behind_bytes') === 0;

const valueOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const latest = Date.now() + LONGEST_WAIT_MS;
  while (!(await isSo())) {
    if (Date.now() > latest) throw new Error('the query exporter did not see all of the run within two minutes');
    await sleep(100);
  }
};

const ended = async (child: ChildProcess): Promise<void> => {
  const over = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null && child.kill('SIGTERM')) await over;
};

const cpuSeconds = (pid: number | undefined): number => {
  const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};
