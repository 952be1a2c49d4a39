import { at, spot } from '../../parse/yaml';
import { example, type Example, type Hit, type Rule } from '../../rule';
import { filesOf, type PatroniFile, type Scene } from '../../scene';
import { choiceOf, dynamicsOf, membersOf, textAt } from '../../view/patroni';
import { serversOf, valueOf } from '../../view/server';
import { durationOf, pacesOf } from '../prometheus/prometheus';
import { etcdSetting } from '../etcd/etcd';

const nameOf = ({ root, source }: PatroniFile): string => textAt(root, 'name') ?? source.path;
const hostOf = (address: string | undefined): string =>
  (address ?? '').replace(/^https?:\/\//, '').replace(/:\d+.*$/, '');

/** How many members the files show; fewer than two files say nothing about it. */
const memberNames = (scene: Scene): readonly string[] => [...new Set(membersOf(scene).map(nameOf))];

const member = (name: string, dcs: string, rest = ''): Example['files'][number] => ({
  ...{ name: `${name}.yml`, kind: 'patroni' },
  text: `scope: main\nname: ${name}\nrestapi:\n  connect_address: ${name}:8008\n${rest}bootstrap:\n  dcs:\n${dcs}postgresql:\n  connect_address: ${name}:5432\n`,
});
const members = (names: readonly string[], dcs: string): Example => ({
  files: names.map((name) => member(name, dcs)),
  context: {},
});

/** A plain tree as one text, for comparing. */
const flat = (tree: ReturnType<typeof at>, prefix = ''): readonly (readonly [string, string])[] =>
  tree === undefined
    ? []
    : tree.entries.size > 0
      ? [...tree.entries].flatMap(([key, value]) => flat(value, prefix === '' ? key : `${prefix}.${key}`))
      : [[prefix, tree.text ?? tree.items.map(({ text }) => text ?? '').join('\n')]];

export const clusterAcross: readonly Rule[] = [
  {
    id: 'across-synchronous-members',
    title: 'Synchronous mode with too few members',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni, replication modes: synchronous_mode_strict, synchronous_node_count',
    why: 'Strict: when the last standby is lost, no commit returns until there is another. Not strict: the primary goes on alone, and what it acknowledges then is lost with it, without a word. With a third member neither happens for the loss of one.',
    fix: 'A third member; or know which of the two you chose.',
    bad: members(['pg1', 'pg2'], '    synchronous_mode: true\n    synchronous_mode_strict: true\n'),
    good: members(['pg1', 'pg2', 'pg3'], '    synchronous_mode: true\n    synchronous_mode_strict: true\n'),
    check: (scene) => {
      const count = memberNames(scene).length;
      if (count < 1) return [];
      return dynamicsOf(scene)
        .slice(0, 1)
        .flatMap((dynamic): Hit[] => {
          const [mode, strict, wanted] = [
            choiceOf(dynamic, 'synchronous_mode'),
            choiceOf(dynamic, 'synchronous_mode_strict'),
            choiceOf(dynamic, 'synchronous_node_count'),
          ];
          if (!mode.isOn && mode.text !== 'quorum') return [];
          if (wanted.number > count - 1)
            return [
              {
                at: wanted.isSet ? wanted.at : mode.at,
                severity: strict.isOn ? 'error' : 'warning',
                says: `${wanted.number} synchronous standby(s) of ${count} member(s)`,
              },
            ];
          if (wanted.number < count - 1) return [];
          if (strict.isOn)
            return [
              {
                at: strict.at,
                says: `${count} members and synchronous_mode_strict: the loss of a standby stops all writes`,
              },
            ];
          return [
            {
              at: mode.at,
              severity: 'info',
              says: `${count} members: after the loss of a standby commits are asynchronous, without a word`,
            },
          ];
        });
    },
  },
  {
    id: 'across-members-differ',
    title: 'Two members have different settings',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni, "Important rules" of its configuration',
    why: 'After the next failover the cluster is another one. What differs by nature (names, addresses, folders, certificates, who may connect) is not compared.',
    fix: 'The same in both; what is for the whole cluster, in the DCS alone.',
    bad: { files: [member('pg1', '    ttl: 20\n'), member('pg2', '    ttl: 30\n')], context: {} },
    good: { files: [member('pg1', '    ttl: 20\n'), member('pg2', '    ttl: 20\n')], context: {} },
    check: (scene) => {
      const all = membersOf(scene);
      return all.flatMap((file, i): Hit[] => {
        const first = all.findIndex((other) => textAt(other.root, 'scope') === textAt(file.root, 'scope'));
        const other = all[first];
        if (other === undefined || first === i) return [];
        return ['bootstrap.dcs', 'watchdog', 'etcd3.protocol'].flatMap((path) => {
          const [mine, theirs] = [file, other].map(({ root }) => at(root, ...path.split('.')));
          const before = new Map(flat(theirs));
          const now = new Map(flat(mine));
          const names = [...new Set([...before.keys(), ...now.keys()])].filter(
            (name) => before.get(name) !== now.get(name),
          );
          return names.flatMap((name): Hit[] => {
            const steps = [...path.split('.'), ...(name === '' ? [] : name.split('.'))];
            const node = at(file.root, ...steps) ?? mine;
            if (node === undefined) return [];
            return [
              {
                at: spot(node),
                says: `${nameOf(file)} has ${name === '' ? path : name} ${now.get(name) ?? 'not set'}, ${nameOf(other)} ${before.get(name) ?? 'not set'}`,
              },
            ];
          });
        });
      });
    },
  },
  {
    id: 'across-etcd-beside-primary',
    title: 'A member of the store is lost together with the primary',
    ...{ severity: 'info', kinds: ['patroni', 'etcd'], fixable: false },
    source: 'etcd, hardware recommendations; measured on the reference cluster',
    why: 'When the machine with the primary and the leader of etcd loses its power, etcd elects first and Patroni after it: 9.6 s were measured instead of 7.0. They also share a disk, and etcd waits for each write of PostgreSQL’s.',
    fix: 'Three small machines for etcd; or at least disks of its own.',
    bad: {
      files: [
        member('10.0.0.1', '    ttl: 20\n'),
        { name: 'etcd.yml', kind: 'etcd', text: 'name: etcd1\nadvertise-client-urls: https://10.0.0.1:2379\n' },
      ],
      context: {},
    },
    good: {
      files: [
        member('10.0.0.1', '    ttl: 20\n'),
        { name: 'etcd.yml', kind: 'etcd', text: 'name: etcd1\nadvertise-client-urls: https://10.0.0.21:2379\n' },
      ],
      context: {},
    },
    check: (scene) => {
      const hosts = new Set(membersOf(scene).map(({ root }) => hostOf(textAt(root, 'postgresql', 'connect_address'))));
      return filesOf(scene, 'etcd').flatMap((file): Hit[] => {
        const url = etcdSetting(file, 'advertise-client-urls');
        const host = hostOf(url?.value.text);
        // On one machine for a try, everything is together.
        if (url === undefined || !hosts.has(host) || /^(127\.|localhost)/.test(host)) return [];
        return [{ at: url.value, says: `${host} has a PostgreSQL member as well` }];
      });
    },
  },
  {
    id: 'across-etcd-protocol',
    title: 'Patroni speaks to etcd as it does not listen',
    ...{ severity: 'error', kinds: ['patroni', 'etcd'], fixable: false },
    source: 'Patroni, YAML configuration: etcd3: protocol; etcd: listen-client-urls, enable-v2',
    why: 'Patroni without its store does not start a primary.',
    fix: 'etcd3: protocol: https with cacert, cert and key, where etcd listens on https.',
    bad: {
      files: [
        member('pg1', '    ttl: 20\n', 'etcd3:\n  hosts: 10.0.0.1:2379\n'),
        { name: 'etcd.yml', kind: 'etcd', text: 'listen-client-urls: https://10.0.0.1:2379\n' },
      ],
      context: {},
    },
    good: {
      files: [
        member('pg1', '    ttl: 20\n', 'etcd3:\n  hosts: 10.0.0.1:2379\n  protocol: https\n'),
        { name: 'etcd.yml', kind: 'etcd', text: 'listen-client-urls: https://10.0.0.1:2379\n' },
      ],
      context: {},
    },
    check: (scene) => {
      const stores = filesOf(scene, 'etcd');
      const urls = stores.flatMap((file) => etcdSetting(file, 'listen-client-urls')?.value ?? []);
      const first = urls[0];
      return membersOf(scene).flatMap(({ root }): Hit[] => {
        const section = at(root, 'etcd3') ?? at(root, 'etcd');
        if (section?.key === undefined || first === undefined) return [];
        const protocol = textAt(section, 'protocol') ?? 'http';
        const spoken = urls.some(({ text }) => text.split(',').some((url) => url.trim().startsWith(`${protocol}://`)));
        if (!spoken)
          return [
            {
              at: section.key,
              says: `Patroni asks by ${protocol}, and etcd listens on ${first.text}`,
              see: [{ at: first, says: 'etcd listens here' }],
            },
          ];
        const old = stores
          .flatMap((file) => etcdSetting(file, 'enable-v2')?.value ?? [])
          .find(({ text }) => text === 'false');
        return section.key.text === 'etcd' && old !== undefined
          ? [
              {
                at: section.key,
                says: 'the section etcd is the v2 protocol, which etcd has switched off',
                see: [{ at: old, says: 'off here' }],
              },
            ]
          : [];
      });
    },
  },
  {
    id: 'across-archive-stanza',
    title: 'WAL is archived to a stanza that is not configured',
    ...{ severity: 'error', kinds: ['postgresql', 'patroni', 'pgbackrest'], fixable: false },
    source: 'pgBackRest user guide: archive_command',
    why: 'Every archive-push fails, WAL piles up on the primary, and no backup can be restored to a point in time.',
    fix: 'The same name in archive_command and as a section of pgbackrest.conf.',
    bad: example({
      postgresql: "archive_mode = on\narchive_command = 'pgbackrest --stanza=main archive-push %p'\n",
      pgbackrest: '[global]\nrepo1-path=/backup\n[orders]\npg1-path=/data\n',
    }),
    good: example({
      postgresql: "archive_mode = on\narchive_command = 'pgbackrest --stanza=orders archive-push %p'\n",
      pgbackrest: '[global]\nrepo1-path=/backup\n[orders]\npg1-path=/data\n',
    }),
    check: (scene) => {
      const files = filesOf(scene, 'pgbackrest');
      const stanzas = files
        .flatMap(({ sections }) => sections.map(({ text }) => text.split(':')[0] ?? ''))
        .filter((name) => name !== 'global');
      if (files.length === 0) return [];
      return serversOf(scene).flatMap((server): Hit[] => {
        const command = valueOf(server, 'archive_command');
        const stanza = /--stanza[= ]"?([\w.-]+)/.exec(command?.text ?? '')?.[1];
        if (command?.isSet !== true || stanza === undefined || stanzas.includes(stanza)) return [];
        return [
          {
            at: command.at,
            says: `there is no stanza ${stanza} in pgbackrest.conf (there: ${stanzas.join(', ') || 'none'})`,
          },
        ];
      });
    },
  },
  {
    id: 'across-scrape-window',
    title: 'Prometheus looks less often than Submilli’s window is long',
    ...{ severity: 'warning', kinds: ['prometheus', 'submilli'], fixable: false },
    source: 'submilli.yml: window_seconds; Prometheus: scrape_interval',
    why: 'Ratios, rates and quantiles are over the window. When scrapes are farther apart, what happened in between is in none of them.',
    fix: 'scrape_interval of at most window_seconds.',
    bad: example({ prometheus: 'global:\n  scrape_interval: 2m\n', submilli: 'window_seconds: 60\n' }),
    good: example({ prometheus: 'global:\n  scrape_interval: 5s\n', submilli: 'window_seconds: 60\n' }),
    check: (scene) =>
      filesOf(scene, 'submilli').flatMap(({ root }) => {
        const window = Number(textAt(root, 'window_seconds') ?? 60);
        return filesOf(scene, 'prometheus').flatMap(({ root: other }): Hit[] => {
          const interval = at(other, 'global', 'scrape_interval');
          const seconds = durationOf(interval?.text);
          return interval !== undefined && seconds !== undefined && seconds > window
            ? [{ at: interval.place, says: `a scrape every ${seconds} s of a window of ${window} s` }]
            : [];
        });
      }),
  },
  {
    id: 'across-scrape-timeout',
    title: 'Prometheus gives up before the server does',
    ...{ severity: 'warning', kinds: ['prometheus', 'submilli'], fixable: false },
    source: 'submilli.yml: timeouts; Prometheus: scrape_timeout',
    why: 'A statement of the exporters is ended by the server after statement_ms, and one collector is missing. When Prometheus gives up before that, the whole scrape is.',
    fix: 'timeouts.statement_ms below scrape_timeout.',
    bad: example({
      prometheus: 'global:\n  scrape_interval: 5s\n  scrape_timeout: 1s\n',
      submilli: 'timeouts: { statement_ms: 2000 }\n',
    }),
    good: example({
      prometheus: 'global:\n  scrape_interval: 5s\n  scrape_timeout: 4s\n',
      submilli: 'timeouts: { statement_ms: 2000 }\n',
    }),
    check: (scene) =>
      filesOf(scene, 'submilli').flatMap(({ root }) => {
        const limit = Number(textAt(root, 'timeouts', 'statement_ms') ?? 2000) / 1000;
        return filesOf(scene, 'prometheus').flatMap(({ root: other }): Hit[] => {
          const [all] = pacesOf(other);
          return all?.at !== undefined && all.timeout <= limit
            ? [
                {
                  at: spot(all.at),
                  says: `a scrape may take ${all.timeout} s, a statement of the exporters ${limit} s`,
                },
              ]
            : [];
        });
      }),
  },
];
