import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { addWatcherRole, PASSWORD } from '../big-server';
import type { Watcher } from '../watchers';
import { ourSettings, type Peer, startOurs, startPeer } from './programs';
import { shuffled } from '../random';
import { quantile } from './statistics';

/** What one run of pgbench achieved. */
export type Run = { readonly perSecond: number; readonly p99: number };

/** Runs by who watched meanwhile; the n-th of each are of the same round. */
export type Effect = ReadonlyMap<string, readonly Run[]>;

export const NOBODY = 'nobody';
export const OURS = 'Submilli';

export type EffectOptions = {
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly seconds: number;
  readonly directory: string;
  readonly random: () => number;
  readonly say: (text: string) => void;
};

const SCALE = 10;
const CLIENTS = 4;
const SCRAPE_EVERY_MS = 1000;
/** For what a watcher owes when it goes on: of the time that it was frozen, all surveys are due at once. */
const SETTLE_MS = 2500;

const pgbenchProgram = (): string => {
  const root = '/usr/lib/postgresql';
  const found = readdirSync(root)
    .map((version) => join(root, version, 'bin', 'pgbench'))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no pgbench under ${root}: submilli packages --for test`);
  return found;
};

const pgbench = async (server: LocalPostgres, args: readonly string[], cwd?: string): Promise<string> => {
  const where = ['-h', server.host, '-p', String(server.port), '-U', server.superuser];
  const { stdout } = await promisify(execFile)(pgbenchProgram(), [...where, ...args, 'postgres'], {
    cwd,
    env: { ...process.env, PGPASSWORD: server.password },
  });
  return stdout;
};

/** Of pgbench's own log of every transaction: "client number microseconds script second microsecond". */
export const latenciesIn = (log: string): number[] =>
  log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.split(' ')[2]) / 1e6);

/** The usual TPC-B-like transactions, as fast as they go. */
const run = async (server: LocalPostgres, seconds: number, directory: string): Promise<Run> => {
  const own = await mkdtemp(join(directory, 'pgbench-'));
  const args = ['-n', '-c', String(CLIENTS), '-j', '1', '-T', String(seconds), '-l'];
  const said = await pgbench(server, args, own);
  const logs = readdirSync(own).map((name) => readFileSync(join(own, name), 'utf8'));
  await rm(own, { recursive: true });
  const perSecond = Number(/tps = ([\d.]+) \(without/.exec(said)?.[1]);
  return { perSecond, p99: quantile(logs.flatMap(latenciesIn), 0.99) };
};

/** Once a second, as Prometheus would, until told to stop; it is over when the last answer is there. */
const scraping = (watcher: Watcher): { readonly stop: () => Promise<void> } => {
  let last: Promise<unknown> = Promise.resolve();
  const scrape = (): void => {
    last = last.then(async () => {
      for (const url of watcher.urls) await (await fetch(url)).arrayBuffer();
    });
  };
  scrape();
  const timer = setInterval(scrape, SCRAPE_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
    },
  };
};

/**
 * pgbench with one watcher at its defaults, scraped every second, with another, and with none, in rounds of random order.
 * Who does not watch is frozen, and is scraped for a while before it is measured.
 */
export const measureEffect = async (options: EffectOptions): Promise<Effect> => {
  const { peers, rounds, seconds, directory, random, say } = options;
  const server = await startPostgres({ major: 15, fsync: true, settings: { checkpoint_timeout: '1h' } });
  const watchers: { readonly who: string; readonly watcher: Watcher | undefined }[] = [
    { who: NOBODY, watcher: undefined },
  ];
  try {
    await server.query('CREATE EXTENSION pg_stat_statements');
    await pgbench(server, ['-i', '-q', '-s', String(SCALE)]);
    await addWatcherRole(server, 'ours');
    await addWatcherRole(server, 'theirs', { isPeer: true });
    const to = (user: string) => ({ host: server.host, port: server.port, user, password: PASSWORD });
    const ours = { exporters: ['database'], settings: ourSettings.defaults, postgres: to('ours'), directory } as const;
    watchers.push({ who: OURS, watcher: await startOurs(ours) });
    for (const peer of peers) {
      watchers.push({ who: peer.name, watcher: await startPeer({ peer, address: to('theirs'), directory }) });
    }
    for (const { watcher } of watchers) watcher?.pause();
    await run(server, seconds, directory);
    const runs = new Map<string, Run[]>(watchers.map(({ who }) => [who, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const { who, watcher } of shuffled(watchers, random)) {
        await server.query('CHECKPOINT');
        watcher?.resume();
        const watching = watcher === undefined ? undefined : scraping(watcher);
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        runs.get(who)?.push(await run(server, seconds, directory));
        await watching?.stop();
        watcher?.pause();
      }
      say(`pgbench, round ${round + 1} of ${rounds}`);
    }
    return runs;
  } finally {
    for (const { watcher } of watchers) await watcher?.stop();
    await server.stop();
  }
};
