import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { writeFile } from './files';
import { checkout, type Layout } from './layout';
import { readSecret } from './secrets';
import type { Service } from './service';

export type WorkloadOptions = {
  readonly layout: Layout;
  readonly pgbench: string;
  readonly account: Account | undefined;
  /** Whom to trust; undefined: there is no TLS. */
  readonly caFile: string | undefined;
  /** Of PgBouncer, or of the primary where there is no pool; on 127.0.0.1. */
  readonly port: number;
  /** Transactions per second. */
  readonly rate: number;
};

export type Script = { readonly path: string; readonly weight: number };

const workloadDir = join(checkout, 'cluster', 'trading', 'workload');

/** How often a script runs compared to the others: its line `-- weight: N`; 1 without one. */
export const weightOf = (sql: string): number => Number(/^--\s*weight:\s*(\d+)/im.exec(sql)?.[1] ?? 1);

/** The transactions of the trading workload, by name. */
export const workloadScripts = (folder = workloadDir): Script[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ path: join(folder, name), weight: weightOf(readFileSync(join(folder, name), 'utf8')) }));

/** What pgbench's last progress line says: "progress: 12.0 s, 199.5 tps, lat 1.234 ms stddev 0.5, …". */
export const parseProgress = (log: string): { tps: number; latencyMs: number } | undefined => {
  const match = [...log.matchAll(/^progress: [\d.]+ s, ([\d.]+) tps, lat ([\d.]+|NaN) ms/gm)].at(-1);
  return match === null || match === undefined ? undefined : { tps: Number(match[1]), latencyMs: Number(match[2]) };
};

/** For libpq: TLS with who is who checked, or none. */
export const libpqTls = (caFile: string | undefined): Readonly<Record<string, string>> =>
  caFile === undefined ? { PGSSLMODE: 'disable' } : { PGSSLMODE: 'verify-full', PGSSLROOTCERT: caFile };

const CLIENTS = 8;
const RUN_SECONDS = 600;
const PROGRESS_SECONDS = 2;
/** Two days of runs; then it has ended for good, in case somebody forgot it. */
const MOST_RUNS = (48 * 3600) / RUN_SECONDS;

const passFileOf = (layout: Layout): string => join(layout.state, 'workload.pgpass');

export const prepareWorkload = ({ layout, account, port }: WorkloadOptions): void =>
  writeFile(passFileOf(layout), `127.0.0.1:${port}:grandmodel:trading:${readSecret(layout, 'app')}\n`, account);

/**
 * pgbench with the trading transactions, paced and bounded: each run ends after ten minutes, and so many of them are
 * all there is. A client of pgbench gives up when its server goes away, so a failover costs some or all of them: the
 * next run has them back.
 */
export const workloadService = ({ layout, pgbench, account, caFile, port, rate }: WorkloadOptions): Service => {
  const scripts = workloadScripts();
  if (scripts.length === 0) throw new SubmilliError({ what: 'no workload scripts', where: workloadDir });
  return {
    name: 'workload',
    title: `pgbench, ${rate} transactions a second`,
    command: pgbench,
    args: [
      ...['--no-vacuum', '--protocol=simple', `--client=${CLIENTS}`, '--jobs=1', `--rate=${rate}`],
      ...[`--time=${RUN_SECONDS}`, `--progress=${PROGRESS_SECONDS}`, '--max-tries=3'],
      ...scripts.map(({ path, weight }) => `--file=${path}@${weight}`),
      ...['--host=127.0.0.1', `--port=${port}`, '--username=trading', 'grandmodel'],
    ],
    env: { PGPASSFILE: passFileOf(layout), PGAPPNAME: 'trading', ...libpqTls(caFile) },
    account,
    endpoints: [],
    ready: () => progress(layout),
    readySeconds: 30,
    restart: { minDelayMs: 500, maxDelayMs: 10_000, perMinute: 15, total: MOST_RUNS },
  };
};

// Not async on purpose in what it needs: two short looks at a file.
const progress = (layout: Layout): Promise<string> => {
  const log = layout.logOf('workload');
  const text = readFileSync(log, 'utf8').slice(-4096);
  const last = parseProgress(text);
  const age = (Date.now() - statSync(log).mtimeMs) / 1000;
  if (last === undefined) return Promise.reject(new Error('no transaction yet'));
  if (age > 3 * PROGRESS_SECONDS) return Promise.reject(new Error(`silent for ${age.toFixed(0)} s`));
  if (last.tps === 0) return Promise.reject(new Error('no transaction goes through'));
  return Promise.resolve(`${last.tps.toFixed(0)} tps`);
};
