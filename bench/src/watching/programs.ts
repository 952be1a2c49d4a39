import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExporterName } from '@submilli/core';
import { databaseExporter } from '@submilli/database';
import { freePort } from '@submilli/local-postgres';
import { poolExporter } from '@submilli/pool';
import { startWatcher, type Watcher } from '../watchers';

const submilli = join(__dirname, '..', '..', '..', 'toolkit', 'bin', 'submilli.js');
const EXAMPLE_QUERIES = '/usr/share/doc/prometheus-postgres-exporter/examples/queries.yaml';
/** Of the example, what concerns tables; its statements are those of PostgreSQL 12 and older. */
const TABLE_QUERIES = ['pg_stat_user_tables', 'pg_statio_user_tables'];

/** A peer's program, and what it can do. */
export type Peer = { readonly program: string; readonly name: string; readonly collectors: readonly string[] };

export type Address = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
};

/** What the parts of ours are called that read something, without those of a compatibility view. */
const nativeParts = ({ registry }: typeof databaseExporter | typeof poolExporter): readonly string[] =>
  [...registry.collectors, ...registry.samplers, ...registry.surveys]
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('compat_'));

/** What pgbouncer_exporter reads, it reads by these. */
const POOL_PARTS = ['version', 'stats', 'pools', 'databases', 'lists', 'limits', 'clients'];

/** Most tables that the bench has; ours shows 2,000 unless told otherwise. */
const ALL_TABLES = 20_000;

/**
 * Configurations of ours. `same` of the database exporter: postgres_exporter's names, labels and tables, and nothing of
 * ours beside them. `same` of the pool exporter: the same commands of PgBouncer's console, and no looks between scrapes.
 */
export const ourSettings = {
  defaults: {},
  sameDatabase: {
    compatibility: ['postgres_exporter'],
    limits: { series_per_family: ALL_TABLES },
    disabled_collectors: nativeParts(databaseExporter),
  },
  samePool: {
    pool_sampling_hz: 0,
    disabled_collectors: nativeParts(poolExporter).filter((name) => !POOL_PARTS.includes(name)),
  },
} as const;

export type Ours = {
  readonly exporters: readonly ExporterName[];
  readonly settings: object;
  readonly postgres?: Address;
  readonly pgbouncer?: Address;
  readonly directory: string;
};

/** Ours, one exporter or several in one process. */
export const startOurs = async ({ exporters, settings, postgres, pgbouncer, directory }: Ours): Promise<Watcher> => {
  const own = await mkdtemp(join(directory, 'ours-'));
  const ports = await Promise.all(exporters.map(async (exporter) => [exporter, await freePort()] as const));
  const config = {
    ...settings,
    listen: Object.fromEntries(ports.map(([exporter, port]) => [exporter, `127.0.0.1:${port}`])),
    state_directory: own,
    ...(postgres === undefined ? {} : { postgres: [{ name: 'server', ...postgres }] }),
    ...(pgbouncer === undefined ? {} : { pgbouncer: [{ name: 'pool', ...pgbouncer }] }),
    ...(exporters.includes('ha') ? { clusters: [{ name: 'cluster', postgres: ['server'] }] } : {}),
  };
  const file = join(own, 'submilli.yml');
  writeFileSync(file, JSON.stringify(config));
  return startWatcher({
    name: `submilli ${exporters.join(' ')}`,
    program: process.execPath,
    args: [submilli, 'serve', ...exporters, '--config', file],
    env: {},
    urls: ports.map(([, port]) => `http://127.0.0.1:${port}/metrics`),
    logFile: join(own, 'log'),
  });
};

/** A postgres_exporter, and what its version is called. */
export const postgresExporter = (program: string): Peer => peerOf(program, 'postgres_exporter');
export const pgbouncerExporter = (program: string): Peer => peerOf(program, 'pgbouncer_exporter');

const peerOf = (program: string, name: string): Peer => {
  const said = (flag: string): string => {
    const { error, stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' });
    if (error !== undefined) throw new Error(`${name}: ${error.message}`);
    return stdout + stderr;
  };
  const version = /(?:version|exporter) (\d\S*?),?(?:\s|$)/.exec(said('--version'))?.[1] ?? 'of unknown version';
  const help = said('--help');
  const collectors = [...help.matchAll(/--(?:\[no-\])?collector\.([a-z_]+)\s/g)].map(([, found = '']) => found);
  return { program, name: `${name} ${version}`, collectors: [...new Set(collectors)] };
};

/** Whether it tells of tables without a file of queries. */
export const hasTables = ({ collectors }: Peer): boolean => collectors.includes('stat_user_tables');
export const hasStatements = ({ collectors }: Peer): boolean => collectors.includes('stat_statements');

type Started = { readonly peer: Peer; readonly address: Address; readonly directory: string };

const startPostgresExporter = async (
  { peer, address, directory }: Started,
  args: readonly string[],
): Promise<Watcher> => {
  const port = await freePort();
  const { host, user, password } = address;
  return startWatcher({
    name: peer.name,
    program: peer.program,
    args: [`--web.listen-address=127.0.0.1:${port}`, ...args],
    env: { DATA_SOURCE_NAME: `postgresql://${user}:${password}@${host}:${address.port}/postgres?sslmode=disable` },
    urls: [`http://127.0.0.1:${port}/metrics`],
    logFile: join(directory, 'peers.log'),
  });
};

export const startPeer = (started: Started): Promise<Watcher> => startPostgresExporter(started, []);

/** With the queries for tables that come with its Debian package, where it has none of its own. */
export const startPeerWithTables = (started: Started): Promise<Watcher> => {
  const queries = join(started.directory, 'tables.yaml');
  const blocks = readFileSync(EXAMPLE_QUERIES, 'utf8').split(/^(?=[a-z_]+:$)/m);
  writeFileSync(queries, blocks.filter((block) => TABLE_QUERIES.some((name) => block.startsWith(`${name}:`))).join(''));
  return startPostgresExporter(started, [`--extend.query-path=${queries}`]);
};

/** Nothing but its collector of statements. */
export const startPeerOfStatements = (started: Started): Promise<Watcher> =>
  startPostgresExporter(started, [
    '--disable-default-metrics',
    ...started.peer.collectors.map((name) => `--${name === 'stat_statements' ? '' : 'no-'}collector.${name}`),
  ]);

export const startPoolPeer = async ({ peer, address, directory }: Started): Promise<Watcher> => {
  const port = await freePort();
  const { host, user, password } = address;
  const isPython = readFileSync(peer.program).subarray(0, 2).toString() === '#!';
  return startWatcher({
    name: peer.name,
    program: peer.program,
    args: isPython
      ? [
          '--host=127.0.0.1',
          `--port=${port}`,
          `--pgbouncer-host=${host}`,
          `--pgbouncer-port=${address.port}`,
          `--pgbouncer-user=${user}`,
        ]
      : [`--web.listen-address=127.0.0.1:${port}`],
    env: {
      PGPASSWORD: password,
      PGBOUNCER_EXPORTER_CONNECTION_STRING: `postgres://${user}:${password}@${host}:${address.port}/pgbouncer?sslmode=disable`,
    },
    urls: [`http://127.0.0.1:${port}/metrics`],
    logFile: join(directory, 'peers.log'),
  });
};
