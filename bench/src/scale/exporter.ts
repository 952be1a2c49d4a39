import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExporterName } from '@submilli/core';
import { freePort } from '@submilli/local-postgres';

type Entry = Readonly<Record<string, unknown>> & { readonly name: string };

/** What a process watches: sections of its configuration. */
export type Targets = {
  readonly postgres?: readonly Entry[];
  readonly pgbouncer?: readonly Entry[];
  readonly clusters?: readonly Entry[];
};

/** `submilli serve` in a process of its own, as a user would run it. */
export type Exporter = {
  readonly urls: readonly string[];
  /** User and system CPU seconds so far, of all of its threads. */
  readonly cpuSeconds: () => number;
  readonly memoryMb: () => number;
  /** The share of the time since this was last asked in which its event loop was at work. */
  readonly loopBusy: () => Promise<number | null>;
  readonly stop: () => Promise<void>;
};

const submilli = join(__dirname, '..', '..', '..', 'toolkit', 'bin', 'submilli.js');
const TICKS_PER_SECOND = 100;

export const startExporter = async (names: readonly ExporterName[], targets: Targets): Promise<Exporter> => {
  const directory = await mkdtemp(join(tmpdir(), 'submilli-scale-'));
  const listen: Partial<Record<ExporterName, string>> = {};
  for (const name of names) listen[name] = `127.0.0.1:${String(await freePort())}`;
  const config = join(directory, 'submilli.yml');
  const content = { listen, state_directory: directory, log_level: 'error', ...targets };
  await writeFile(config, JSON.stringify(content), { mode: 0o600 });
  const child = spawn(process.execPath, [submilli, 'serve', ...names, '--config', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`submilli serve ${names.join(' ')} ended with ${String(code)}`)));
  });
  ended.catch(() => undefined);
  const urls = Object.values(listen).map((address) => `http://${address}`);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.kill('SIGTERM')) await ended.catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await Promise.race([Promise.all(urls.map(answering)), ended]);
  } catch (error) {
    await stop();
    throw error;
  }
  const file = (name: string): string => readFileSync(`/proc/${String(child.pid)}/${name}`, 'utf8');
  return {
    urls,
    cpuSeconds: () => cpuSecondsIn(file('stat')),
    memoryMb: () => Number(/^VmRSS:\s+(\d+) kB/m.exec(file('status'))?.[1]) / 1024,
    loopBusy: async () => {
      const text = await (await fetch(`${urls[0] ?? ''}/metrics`)).text();
      const ratio = /^nodejs_eventloop_utilization_ratio (\S+)$/m.exec(text)?.[1];
      return ratio === undefined ? null : Number(ratio);
    },
    stop,
  };
};

/** Of /proc/PID/stat; the name before the last parenthesis may hold anything. */
export const cpuSecondsIn = (stat: string): number => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

const answering = async (url: string): Promise<void> => {
  for (;;) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
    await sleep(100);
  }
};
