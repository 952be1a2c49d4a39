import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import type { Script } from '../stack/workload';

/**
 * Plays the trading workload's pgbench scripts where there is no pgbench: `\set` with `random` and `random_zipfian`,
 * `:name` in statements, nothing more. Not a load generator to measure with.
 */

type Setting = { readonly name: string; readonly draw: (random: () => number) => number };
export type Played = {
  readonly settings: readonly Setting[];
  readonly statements: readonly string[];
  readonly weight: number;
};

/** A script's text in parts. Throws on a meta-command that it does not know. */
export const parseScript = (text: string, weight: number): Played => {
  const lines = text.split('\n').filter((line) => !line.trim().startsWith('--'));
  const meta = lines.filter((line) => line.startsWith('\\'));
  const sql = lines.filter((line) => !line.startsWith('\\')).join('\n');
  return {
    weight,
    settings: meta.map(parseSetting),
    statements: sql.split(';').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])),
  };
};

const parseSetting = (line: string): Setting => {
  const [, name, fn, list] = /^\\set (\w+) (random|random_zipfian)\(([\d., ]+)\)\s*$/.exec(line) ?? [];
  const [low, high, shape] = (list ?? '').split(',').map(Number);
  if (name === undefined || low === undefined || high === undefined) throw new Error(`cannot play this line: ${line}`);
  if (fn === 'random') return { name, draw: (random) => low + Math.floor(random() * (high - low + 1)) };
  return { name, draw: (random) => low + zipfian(high - low + 1, shape ?? 1.2, random) - 1 };
};

/** 1..n with probability proportional to 1/k^s, s > 1: Devroye's rejection method, as in pgbench. */
export const zipfian = (n: number, s: number, random: () => number): number => {
  const b = 2 ** (s - 1);
  for (;;) {
    const [u, v] = [1 - random(), random()];
    const x = Math.floor(u ** (-1 / (s - 1)));
    const t = (1 + 1 / x) ** (s - 1);
    if (x <= n && (v * x * (t - 1)) / (b - 1) <= t / b) return x;
  }
};

/** The statements of one transaction, values drawn and put in. */
export const drawTransaction = ({ settings, statements }: Played, random: () => number): string[] => {
  const values = new Map(settings.map(({ name, draw }) => [name, draw(random)]));
  return statements.map((sql) =>
    sql.replace(/(?<!:):([a-z_]\w*)/g, (whole, name: string) => String(values.get(name) ?? whole)),
  );
};

export const choose = (scripts: readonly Played[], random: () => number): Played | undefined => {
  let left = random() * scripts.reduce((sum, { weight }) => sum + weight, 0);
  return scripts.find(({ weight }) => (left -= weight) < 0);
};

export type PlayOptions = {
  readonly scripts: readonly Script[];
  readonly client: ClientConfig;
  readonly clients: number;
  /** Transactions per second, all clients together. */
  readonly rate: number;
  readonly seconds: number;
  readonly log: (line: string) => void;
};

const PROGRESS_MS = 2000;

/** Plays for `seconds`; rejects when a client loses its server, as pgbench gives up. */
export const play = async ({ scripts, client, clients, rate, seconds, log }: PlayOptions): Promise<void> => {
  const played = scripts.map(({ path, weight }) => parseScript(readFileSync(path, 'utf8'), weight));
  const start = performance.now();
  const end = start + seconds * 1000;
  const counts = { done: 0, ms: 0 };
  const timer = setInterval(() => {
    const elapsed = ((performance.now() - start) / 1000).toFixed(1);
    const latency = counts.done === 0 ? 'NaN' : (counts.ms / counts.done).toFixed(3);
    log(
      `progress: ${elapsed} s, ${(counts.done / (PROGRESS_MS / 1000)).toFixed(1)} tps, lat ${latency} ms stddev 0.000`,
    );
    Object.assign(counts, { done: 0, ms: 0 });
  }, PROGRESS_MS);
  try {
    await Promise.all(Array.from({ length: clients }, () => playOne(played, client, rate / clients, end, counts)));
  } finally {
    clearInterval(timer);
  }
};

const playOne = async (
  scripts: readonly Played[],
  config: ClientConfig,
  rate: number,
  end: number,
  counts: { done: number; ms: number },
): Promise<void> => {
  const client = new Client(config);
  client.on('error', () => undefined); // the statement under way rejects
  await client.connect();
  try {
    let next = performance.now();
    while (performance.now() < end) {
      next += (-Math.log(1 - Math.random()) * 1000) / rate;
      await sleep(Math.max(0, next - performance.now()));
      const script = choose(scripts, Math.random);
      if (script === undefined) return;
      const began = performance.now();
      for (const statement of drawTransaction(script, Math.random)) await client.query(statement);
      counts.done += 1;
      counts.ms += performance.now() - began;
    }
  } finally {
    await client.end().catch(() => undefined);
  }
};
