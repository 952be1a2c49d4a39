import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { setupRoleStatements } from '@submilli/core';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { ACCOUNTS, DATABASE, type Workload } from './workloads';

/** Roles of the clients and of the exporter. */
export const LOAD = 'load';
export const WATCHER = 'submilli';
export const PASSWORD = 'watch-me';

/** A log of nothing but what is asked for, in one file. */
const settings = {
  ...{ logging_collector: 'on', log_destination: 'jsonlog', log_directory: 'log', lc_messages: 'C' },
  ...{ log_parameter_max_length: '0', log_rotation_size: '0', log_rotation_age: '0', log_checkpoints: 'off' },
  ...{ autovacuum: 'off', checkpoint_timeout: '1h' },
};

export const startServer = async (): Promise<LocalPostgres> => {
  const server = await startPostgres({ major: 18, settings });
  try {
    for (const statement of setupRoleStatements({ role: WATCHER })) await server.query(statement);
    await server.query(`ALTER ROLE ${WATCHER} PASSWORD '${PASSWORD}'`);
    await server.query('CREATE EXTENSION pg_stat_statements');
    await server.query(`CREATE ROLE ${LOAD} LOGIN PASSWORD '${PASSWORD}'`);
    await server.query(`CREATE DATABASE ${DATABASE}`);
    const inBench = (sql: string): Promise<unknown> => server.query(sql, [], DATABASE);
    await inBench('CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)');
    await inBench(`INSERT INTO account SELECT id, 0 FROM generate_series(1, ${ACCOUNTS}) AS id`);
    await inBench('VACUUM ANALYZE account');
    await inBench(`GRANT SELECT ON account TO ${LOAD}`);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
};

/** What the server logs: a share of all statements (null: none), and all from a threshold on, in milliseconds. */
export type Logged = { readonly rate: number | null; readonly thresholdMs: number | null };

export const logStatements = async (server: LocalPostgres, { rate, thresholdMs }: Logged): Promise<void> => {
  const set = (name: string, value: string): Promise<unknown> => server.query(`ALTER SYSTEM SET ${name} = ${value}`);
  await set('log_min_duration_statement', thresholdMs === null ? '-1' : `'${thresholdMs}ms'`);
  await set('log_min_duration_sample', rate === null ? '-1' : '0');
  await set('log_statement_sample_rate', String(rate ?? 1));
  await server.query('SELECT pg_reload_conf()');
  await sleep(300);
};

const logFile = (server: LocalPostgres): string => {
  const directory = join(server.dataDir, 'log');
  const name = readdirSync(directory)
    .filter((one) => one.endsWith('.json'))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error(`the server has written no jsonlog in ${directory}`);
  return join(directory, name);
};

export const logSize = (server: LocalPostgres): number => statSync(logFile(server)).size;

/** What the server's log has got since it had this size. */
export const logSince = async (server: LocalPostgres, size: number): Promise<string> => {
  const file = await open(logFile(server));
  try {
    const bytes = Buffer.alloc((await file.stat()).size - size);
    await file.read(bytes, 0, bytes.length, size);
    return bytes.toString('utf8');
  } finally {
    await file.close();
  }
};

const pgbench = (): string => {
  const root = '/usr/lib/postgresql';
  const found = readdirSync(root)
    .map((version) => join(root, version, 'bin', 'pgbench'))
    .filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)
    .at(-1);
  if (found === undefined) throw new Error(`no pgbench under ${root}: submilli packages --for test`);
  return found;
};

export type Protocol = 'simple' | 'extended' | 'prepared';

/** Runs a workload; gives pgbench's log of its transactions. Every client has a thread of its own, so none waits for another. */
export const runLoad = async (
  server: LocalPostgres,
  { script, clients }: Workload,
  protocol: Protocol,
  much: readonly string[],
): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-truth-'));
  try {
    const file = join(folder, 'script.sql');
    writeFileSync(file, script);
    const where = ['-h', server.host, '-p', String(server.port), '-U', LOAD];
    const who = ['-c', String(clients), '-j', String(clients), '-M', protocol];
    const log = ['--log', '--log-prefix', join(folder, 'log')];
    await promisify(execFile)(pgbench(), [...where, '-n', ...who, ...much, ...log, '-f', file, DATABASE], {
      env: { ...process.env, PGPASSWORD: PASSWORD },
    });
    return readdirSync(folder)
      .filter((name) => name.startsWith('log.'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  } finally {
    rmSync(folder, { recursive: true });
  }
};
