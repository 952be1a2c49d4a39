import { basename } from 'node:path';
import { parseDocument } from 'yaml';
import type { FileKind } from '../scene';

const NAMES: readonly (readonly [RegExp, FileKind])[] = [
  [/^pgbouncer.*\.ini$/, 'pgbouncer'],
  [/^userlist.*\.txt$/, 'userlist'],
  [/^patroni(?!ctl).*\.ya?ml$/, 'patroni'],
  [/^postgresql.*\.conf$/, 'postgresql'],
  [/^pg_hba.*\.conf$/, 'hba'],
  [/^haproxy.*\.cfg$/, 'haproxy'],
  [/^etcd(\.conf)?\.ya?ml$|^etcd(\.conf|\.env)?$/, 'etcd'],
  [/^pgbackrest.*\.conf$/, 'pgbackrest'],
  [/^prometheus.*\.ya?ml$/, 'prometheus'],
  [/^submilli.*\.ya?ml$/, 'submilli'],
];

/** Keys that only one kind of YAML file has at its top, or that it has together. */
const KEYS: readonly (readonly [readonly string[], FileKind])[] = [
  [['scrape_configs'], 'prometheus'],
  [['scope', 'postgresql'], 'patroni'],
  [['bootstrap', 'postgresql'], 'patroni'],
  [['restapi', 'postgresql'], 'patroni'],
  [['ttl', 'loop_wait'], 'patroni'],
  [['initial-cluster'], 'etcd'],
  [['listen-client-urls'], 'etcd'],
  [['thresholds'], 'submilli'],
  [['clusters', 'postgres'], 'submilli'],
  [['reference'], 'submilli'],
];

/** The shapes of lines that only one kind of file has, the surest first. */
const LINES: readonly (readonly [RegExp, FileKind])[] = [
  [/^\s*\[(pgbouncer|databases)\]/m, 'pgbouncer'],
  [/^\s*repo\d+-/m, 'pgbackrest'],
  [/^\s*pg\d+-path\s*=/m, 'pgbackrest'],
  [/^\s*(export\s+)?ETCD_[A-Z_]+=/m, 'etcd'],
  [/^\s*(local|host|hostssl|hostnossl)\s+\S+\s+\S+/m, 'hba'],
  [/^(global|defaults|listen \S+|frontend \S+|backend \S+)\s*$/m, 'haproxy'],
  [/^\s*"[^"]+"\s+"[^"]*"/m, 'userlist'],
  [/^\s*(listen_addresses|max_connections|shared_buffers|wal_level|work_mem)\s*=/m, 'postgresql'],
];

const byKeys = (text: string): FileKind | undefined => {
  try {
    const plain: unknown = parseDocument(text, { logLevel: 'silent' }).toJS();
    if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) return undefined;
    return KEYS.find(([keys]) => keys.every((key) => key in plain))?.[1];
  } catch {
    return undefined; // not YAML, or YAML that must not be unfolded
  }
};

/** What a file is, by its name, else by what stands in it. */
export const kindOf = (path: string, text: string): FileKind | undefined => {
  const name = basename(path);
  return (
    NAMES.find(([pattern]) => pattern.test(name))?.[1] ??
    (/\.ya?ml$/.test(name) ? byKeys(text) : (LINES.find(([pattern]) => pattern.test(text))?.[1] ?? byKeys(text)))
  );
};
