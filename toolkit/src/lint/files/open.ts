import { parseEnvironment, parseIni } from '../parse/ini';
import { parseHaproxy } from '../parse/haproxy';
import { parseHba } from '../parse/hba';
import { parsePgbouncer } from '../parse/pgbouncer';
import { type Reader, type Setting, type Source, wordAt } from '../parse/place';
import { parsePostgresqlConf } from '../parse/postgresql-conf';
import { parseUserlist } from '../parse/userlist';
import { parseYaml, type Tree } from '../parse/yaml';
import type { EtcdFile, FileKind, LintFile } from '../scene';

/** A file of a kind, parsed. Never throws: what cannot be parsed is in `broken`. */
export const openFile = (kind: FileKind, source: Source, read: Reader): LintFile => {
  switch (kind) {
    case 'pgbouncer':
      return { kind, source, ...parsePgbouncer(source, read) };
    case 'userlist':
      return { kind, source, ...parseUserlist(source) };
    case 'postgresql':
      return { kind, source, ...parsePostgresqlConf(source, read) };
    case 'hba':
      return { kind, source, ...parseHba(source) };
    case 'haproxy':
      return { kind, source, ...parseHaproxy(source) };
    case 'etcd':
      return etcdFile(source);
    case 'pgbackrest':
      return { kind, source, ...parseIni(source) };
    case 'patroni':
    case 'prometheus':
    case 'submilli':
    case 'live':
      return { kind, source, ...parseYaml(source) };
  }
};

/** Settings that etcd's YAML file has in a section and its variables do not. */
const CLIENT = ['cert-file', 'key-file', 'trusted-ca-file', 'client-cert-auth', 'auto-tls', 'client-crl-file'];

const etcdName = (variable: string): string => {
  const name = variable
    .replace(/^ETCD_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
  const peer = name.replace(/^peer-/, '');
  if (name.startsWith('peer-') && CLIENT.includes(peer)) return `peer-transport-security.${peer}`;
  return CLIENT.includes(name) ? `client-transport-security.${name}` : name;
};

const isVariables = (text: string): boolean => /^\s*(export\s+)?ETCD_\w+=/m.test(text);

const etcdFile = (source: Source): EtcdFile => {
  if (isVariables(source.text)) {
    const { settings, broken } = parseEnvironment(source);
    const named = settings.map(({ section, name, value }) => ({
      section,
      name: { ...name, text: etcdName(name.text) },
      value,
    }));
    return { kind: 'etcd', source, settings: named, broken };
  }
  const { root, broken } = parseYaml(source);
  return { kind: 'etcd', source, settings: flat(source, root, ''), broken };
};

const flat = (source: Source, tree: Tree, prefix: string): Setting[] =>
  [...tree.entries].flatMap(([key, { place, key: word, text, entries, ...rest }]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (entries.size > 0) return flat(source, { place, key: word, text, entries, ...rest }, name);
    if (text === undefined || word === undefined) return [];
    return [{ section: prefix, name: { ...word, text: name }, value: wordAt(source, place.start, place.end, text) }];
  });
