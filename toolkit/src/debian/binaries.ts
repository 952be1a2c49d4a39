import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The programs the Debian packages bring. */
export type Binaries = {
  readonly postgresBin: string;
  readonly postgresMajor: number;
  readonly etcd: string;
  readonly patroni: string;
  readonly patroniVersion: string;
  readonly patronictl: string;
  readonly pgbouncer: string;
  readonly pgbackrest: string;
  /** Only `--routes` needs it. */
  readonly haproxy: string | undefined;
  readonly prometheus: string;
  readonly alertmanager: string;
};

const FOLDERS = ['/usr/local/bin', '/usr/local/sbin', '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
/** JSON logs came with PostgreSQL 15. */
const OLDEST = 15;
const ROOT = '/usr/lib/postgresql';
const SERVER_PROGRAMS = ['postgres', 'initdb', 'psql', 'pgbench', 'pg_basebackup', 'pg_rewind'];

const find = (program: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));

/** The majors whose server and tools are all installed, newest first. */
const installedMajors = (): number[] =>
  (existsSync(ROOT) ? readdirSync(ROOT) : [])
    .map(Number)
    .filter((major) => major >= OLDEST)
    .filter((major) => SERVER_PROGRAMS.every((program) => existsSync(join(ROOT, String(major), 'bin', program))))
    .sort((a, b) => b - a);

/** "patroni 3.0.2" gives 3.0.2. */
const versionOf = (program: string): string =>
  /\d+(\.\d+)+/.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? 'unknown';

/** The major a data directory was made by; undefined if there is none. */
export const majorOf = (dataDir: string): number | undefined => {
  try {
    return Number(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim());
  } catch {
    return undefined;
  }
};

/**
 * Where the programs are, or the names of those that are missing. `major` asks for the server of an existing data
 * directory; otherwise the newest installed one is taken.
 */
export const findBinaries = (major?: number): Binaries | { readonly missing: readonly string[] } => {
  const postgresMajor = installedMajors().find((installed) => major === undefined || installed === major);
  const programs = [
    ...(['etcd', 'patroni', 'patronictl', 'pgbouncer', 'pgbackrest'] as const),
    ...(['prometheus', 'prometheus-alertmanager'] as const),
  ];
  const paths = new Map(programs.map((program) => [program, find(program)]));
  const missing = [
    ...(postgresMajor === undefined ? [`PostgreSQL ${major ?? `${OLDEST} or newer`}`] : []),
    ...programs.filter((program) => paths.get(program) === undefined),
  ];
  if (postgresMajor === undefined || missing.length > 0) return { missing };
  const path = (program: (typeof programs)[number]): string => paths.get(program) ?? program;
  return {
    postgresBin: join(ROOT, String(postgresMajor), 'bin'),
    postgresMajor,
    etcd: path('etcd'),
    patroni: path('patroni'),
    patroniVersion: versionOf(path('patroni')),
    patronictl: path('patronictl'),
    pgbouncer: path('pgbouncer'),
    pgbackrest: path('pgbackrest'),
    haproxy: find('haproxy'),
    prometheus: path('prometheus'),
    alertmanager: path('prometheus-alertmanager'),
  };
};
