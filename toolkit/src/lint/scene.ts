import type { HbaText } from './parse/hba';
import type { HaproxyText } from './parse/haproxy';
import type { IniText } from './parse/ini';
import type { PgbouncerText } from './parse/pgbouncer';
import type { Broken, Source } from './parse/place';
import type { ConfText } from './parse/postgresql-conf';
import type { UserlistText } from './parse/userlist';
import type { YamlText } from './parse/yaml';

export const kinds = [
  ...(['pgbouncer', 'userlist', 'patroni', 'postgresql', 'hba', 'haproxy', 'etcd', 'pgbackrest'] as const),
  ...(['prometheus', 'submilli'] as const),
] as const;
/** `live` is no file that somebody wrote, but what runs, as `--live` found it: so it has places, too. */
export type FileKind = (typeof kinds)[number] | 'live';

type Of<K extends FileKind, T> = { readonly kind: K; readonly source: Source; readonly broken: readonly Broken[] } & T;

export type PgbouncerFile = Of<'pgbouncer', Omit<PgbouncerText, 'broken'>>;
export type UserlistFile = Of<'userlist', Omit<UserlistText, 'broken'>>;
export type PatroniFile = Of<'patroni', Omit<YamlText, 'broken'>>;
export type PostgresqlFile = Of<'postgresql', Omit<ConfText, 'broken'>>;
export type HbaFile = Of<'hba', Omit<HbaText, 'broken'>>;
export type HaproxyFile = Of<'haproxy', Omit<HaproxyText, 'broken'>>;
/** etcd's settings by the names of its YAML file, from there or from ETCD_… variables. */
export type EtcdFile = Of<'etcd', Omit<IniText, 'broken' | 'sections'>>;
export type PgbackrestFile = Of<'pgbackrest', Omit<IniText, 'broken'>>;
export type PrometheusFile = Of<'prometheus', Omit<YamlText, 'broken'>>;
export type SubmilliFile = Of<'submilli', Omit<YamlText, 'broken'>>;

export type LiveFile = Of<'live', Omit<YamlText, 'broken'>>;

export type LintFile =
  | PgbouncerFile
  | UserlistFile
  | PatroniFile
  | PostgresqlFile
  | HbaFile
  | HaproxyFile
  | EtcdFile
  | PgbackrestFile
  | PrometheusFile
  | SubmilliFile
  | LiveFile;

/** What the files are for. */
export type Machine = { readonly memory_mb: number; readonly cores: number; readonly storage: 'ssd' | 'hdd' };
/** Of the programs, as far as they are known. */
export type Versions = {
  readonly patroni?: string | undefined;
  readonly pgbouncer: string;
  readonly postgresql: number;
};

export type Context = {
  readonly machine: Machine;
  readonly versions: Versions;
  /** Files that a process may have open: `LimitNOFILE` of its unit, `ulimit -n`. */
  readonly openFiles: number;
};

/** Everything that is looked at together. */
export type Scene = Context & { readonly files: readonly LintFile[] };

export const filesOf = <K extends FileKind>(scene: Scene, kind: K): Extract<LintFile, { kind: K }>[] =>
  scene.files.filter((file): file is Extract<LintFile, { kind: K }> => file.kind === kind);
