import { configSchema } from '@submilli/core';
import { topOf, type Place } from '../../parse/place';
import { at, spot, type Tree } from '../../parse/yaml';
import { example, type Hit, type Rule } from '../../rule';
import { filesOf, type SubmilliFile } from '../../scene';
import { isLocal } from '../../view/pool';

/** The node, or the nearest above it, that a path of zod leads to. */
const placeOf = ({ root, source }: SubmilliFile, path: readonly PropertyKey[]): Place => {
  let node: Tree = root;
  for (const part of path) {
    const next = typeof part === 'number' ? node.items[part] : node.entries.get(String(part));
    if (next === undefined) break;
    node = next;
  }
  return node === root ? topOf(source) : spot(node);
};

const isSecret = (path: readonly PropertyKey[]): boolean => String(path.at(-1) ?? '').includes('password');

/** `${NAME}` stands for a text that only the process knows. */
const isFromEnvironment = (text: string | undefined): boolean => /^\$\{\w+\}$/.test(text ?? '');

const targets = (root: Tree): readonly Tree[] =>
  ['postgres', 'pgbouncer'].flatMap((section) => at(root, section)?.items ?? []);
const submilli = (text: string) => example({ submilli: `${text}\n` });

export const submilliRules: readonly Rule[] = [
  {
    id: 'submilli-invalid',
    title: 'Submilli does not start with it',
    ...{ severity: 'error', kinds: ['submilli'], fixable: false },
    source: 'submilli.yml that comes with Submilli: every key is explained there',
    why: 'Unknown keys and bad values are refused; at a reload the old configuration goes on.',
    fix: 'What the message expects.',
    bad: submilli('window_seconds: 5'),
    good: submilli('window_seconds: 60'),
    check: (scene) =>
      filesOf(scene, 'submilli').flatMap((file): Hit[] => {
        if (file.broken.length > 0) return [];
        const parsed = configSchema.safeParse(file.plain ?? {});
        if (parsed.success) return [];
        return parsed.error.issues.map((issue) => {
          if (issue.code === 'unrecognized_keys') {
            const [key = ''] = issue.keys;
            return { at: placeOf(file, [...issue.path, key]), says: `there is no key ${issue.keys.join(', ')}` };
          }
          const where = issue.path.join('.');
          return {
            at: placeOf(file, issue.path),
            says: `${where === '' ? 'the file' : where}: ${isSecret(issue.path) ? 'not as expected' : issue.message}`,
          };
        });
      }),
  },
  {
    id: 'submilli-password',
    title: 'A password stands in submilli.yml',
    ...{ severity: 'warning', kinds: ['submilli'], fixable: false },
    source: 'submilli.yml: password_file, ${NAME}',
    why: 'The file is copied and committed; what it needs to keep to itself does not belong in it.',
    fix: 'password_file: secrets/submilli, or password: ${SUBMILLI_PASSWORD}',
    bad: submilli('postgres:\n  - { name: pg1, password: example }'),
    good: submilli('postgres:\n  - { name: pg1, password_file: secrets/submilli }'),
    check: (scene) =>
      filesOf(scene, 'submilli').flatMap(({ root }) => {
        const found = (node: Tree): Hit[] => [
          ...[...node.entries].flatMap(([key, value]): Hit[] =>
            /^(\w+_)?password$/.test(key) &&
            value.text !== undefined &&
            !isFromEnvironment(value.text) &&
            value.key !== undefined
              ? [{ at: value.key, says: `${key} is the password itself` }]
              : found(value),
          ),
          ...node.items.flatMap(found),
        ];
        return found(root);
      }),
  },
  {
    id: 'submilli-sslmode',
    title: 'Submilli does not know whom it gives its password to',
    ...{ severity: 'info', kinds: ['submilli'], fixable: false },
    source: 'PostgreSQL, SSL support of libpq: sslmode',
    why: 'Over a network, prefer (the default) and require take any certificate.',
    fix: 'sslmode: verify-full, sslrootcert: certs/ca.pem',
    bad: submilli('postgres:\n  - { name: pg1, host: 10.0.0.1 }'),
    good: submilli('postgres:\n  - { name: pg1, host: 10.0.0.1, sslmode: verify-full }'),
    check: (scene) =>
      filesOf(scene, 'submilli').flatMap(({ root }) =>
        targets(root).flatMap((target): Hit[] => {
          const [host, mode] = [at(target, 'host'), at(target, 'sslmode')];
          if (
            host?.text === undefined ||
            host.text.startsWith('/') ||
            isLocal([host.text]) ||
            (mode?.text ?? '').startsWith('verify-')
          )
            return [];
          return [
            {
              at: (mode ?? host).place,
              says: `${host.text} with sslmode ${mode?.text ?? 'prefer (default)'}: it need not prove who it is`,
            },
          ];
        }),
      ),
  },
  {
    id: 'submilli-listen-open',
    title: 'Anybody on the network can read the exporters',
    ...{ severity: 'warning', kinds: ['submilli'], fixable: false },
    source: 'submilli.yml: listen, web_config_file',
    why: 'Statements, roles, databases and advice are there for whoever asks.',
    fix: 'web_config_file with TLS and users; or listen on loopback.',
    bad: submilli('listen:\n  database: 0.0.0.0:9091'),
    good: submilli('listen:\n  database: 127.0.0.1:9091'),
    check: (scene) =>
      filesOf(scene, 'submilli').flatMap(({ root }): Hit[] => {
        const web = at(root, 'web_config_file')?.text;
        if (web !== undefined && web !== 'null') return [];
        return [...(at(root, 'listen')?.entries.values() ?? [])]
          .filter(({ text }) => text !== undefined && text !== 'null' && !isLocal([text.replace(/:\d+$/, '')]))
          .map(({ place, text }) => ({ at: place, says: `${text ?? ''} without a web_config_file` }));
      }),
  },
  {
    id: 'submilli-backup-unverified',
    title: 'No backup was ever restored',
    ...{ severity: 'info', kinds: ['submilli'], fixable: false },
    source: 'submilli.yml: clusters: backup: verified_file; submilli backup verify --help',
    why: 'A backup that was never restored is a hope. `submilli backup verify` restores one to a point in time, starts it, and compares what is there.',
    fix: 'verified_file, and a timer that runs submilli backup verify.',
    bad: submilli('clusters:\n  - { name: main, patroni: ["http://10.0.0.1:8008"], backup: { stanza: main } }'),
    good: submilli(
      'clusters:\n  - { name: main, patroni: ["http://10.0.0.1:8008"], backup: { stanza: main, verified_file: /var/lib/submilli/verified.json } }',
    ),
    check: (scene) =>
      filesOf(scene, 'submilli').flatMap(({ root }) =>
        (at(root, 'clusters')?.items ?? []).flatMap((cluster): Hit[] => {
          const backup = at(cluster, 'backup');
          return backup?.key === undefined || backup.entries.has('verified_file')
            ? []
            : [{ at: backup.key, says: 'nothing says that a backup can be restored: there is no verified_file' }];
        }),
      ),
  },
];
