import { dirname, resolve } from 'node:path';
import { at, type Tree } from '../../parse/yaml';
import { example, type Hit, type Rule } from '../../rule';
import { membersOf, textAt } from '../../view/patroni';
import { isSameSetting, itemsOf, type Live, liveServersOf, placeOf, settingsOf } from '../../view/live';
import { type Server, serversOf } from '../../view/server';
import type { Scene } from '../../scene';

const KIND = { kinds: ['live'], fixable: false } as const;

const server = (name: string, rest: string): string =>
  `server: ${name}\naddress: ${name}:5432\nsystem: "7391"\n${rest}`;
const pg1 = (rest: string): string => server('pg1', rest);

/** Whom a file is for: by its path, by the member's name or address; one that nothing is said of is for all. */
const runsWith = (scene: Scene, file: Server, all: readonly Live[]): readonly Live[] => {
  const { source } = file.file;
  if (file.file.kind === 'patroni') {
    const member = membersOf(scene).find(({ source: own }) => own === source);
    const [name, address] = [textAt(member?.root, 'name'), textAt(member?.root, 'postgresql', 'connect_address')];
    return all.filter((live) => live.name === name || textAt(live.root, 'address') === address);
  }
  const folder = resolve(dirname(source.path));
  const own = all.filter((live) => {
    const [main, data] = ['config_file', 'data_directory'].map((each) => settingsOf(live).get(each)?.text ?? '');
    return main === resolve(source.path) || data === folder;
  });
  const files = serversOf(scene).filter((one) => one.file.kind === 'postgresql');
  return own.length > 0 ? own : files.length === 1 ? all : [];
};

const isPending = (live: Live, name: string): boolean =>
  itemsOf(live, 'pending_restart').some(({ text }) => text?.toLowerCase() === name.toLowerCase());

/** What differs by nature: names, addresses, folders, and what Patroni gives each member. */
const OWN =
  /^(cluster_name|listen_addresses|port|unix_socket_directories|external_pid_file|data_directory(_mode)?|(config|hba|ident)_file|primary_(conninfo|slot_name)|promote_trigger_file|recovery_.*|restore_command|archive_cleanup_command|log_(directory|filename)|ssl_(cert|key|ca|crl)_(file|dir)|bonjour_name|event_source|in_hot_standby|transaction_read_only|default_transaction_read_only|synchronous_standby_names|krb_server_keyfile|submilli\..*)$/;

/** A member's own name in a path or a command is no difference. */
const unnamed = ({ text = '' }: Tree, { name }: Live): string => text.replaceAll(name, '*');

const errorText = (tree: Tree): string => {
  const [file, line, name] = ['file', 'line', 'name'].map((key) => textAt(tree, key));
  const where = [file, line].filter((part) => part !== undefined).join(':');
  return `${where === '' ? 'a file' : where}${name === undefined ? '' : `, ${name}`}: ${textAt(tree, 'error') ?? ''}`;
};

export const liveServers: readonly Rule[] = [
  {
    id: 'live-setting-differs',
    title: 'A server runs with something else than its file says',
    ...{ severity: 'warning', ...KIND, kinds: ['live', 'postgresql', 'patroni'] },
    source: 'pg_settings; PostgreSQL, Setting Parameters via the Configuration File',
    why: 'Whoever reads the file is misled, and at the next reload or restart the server becomes another one. Patroni, ALTER SYSTEM and the command line go before postgresql.conf.',
    fix: 'SELECT pg_reload_conf() if the file is right, a restart if the setting needs one; else take what runs into the file.',
    bad: example({ postgresql: 'work_mem = 64MB\n', live: pg1('settings:\n  work_mem: 4MB\n') }),
    good: example({ postgresql: 'work_mem = 65536\n', live: pg1('settings:\n  work_mem: 64MB\n') }),
    check: (scene) => {
      const all = liveServersOf(scene);
      return serversOf(scene).flatMap((file) =>
        runsWith(scene, file, all).flatMap((live) =>
          [...file.settings].flatMap(([name, { name: word, value, origin }]): Hit[] => {
            const shown = settingsOf(live).get(name);
            // What is for all members of Patroni is in its store, and compared there.
            if (shown === undefined || origin === 'dcs') return [];
            if (isSameSetting(name, value.text, shown.text ?? '')) return [];
            const after = isPending(live, name) ? ' until it is restarted' : '';
            return [
              {
                at: value.end > value.start ? value : word,
                says: `${live.name} runs with ${name} ${shown.text === '' ? 'empty' : (shown.text ?? 'empty')}${after}`,
                see: [{ at: placeOf(shown, live), says: 'found here' }],
              },
            ];
          }),
        ),
      );
    },
  },
  {
    id: 'live-pending-restart',
    title: 'A setting waits for a restart',
    ...{ severity: 'warning', ...KIND },
    source: 'pg_settings: pending_restart',
    why: 'It was changed and is not in force. It will be at a restart that somebody makes for another reason, or after a failover: when nobody expects it.',
    fix: 'Restart when it suits you (patronictl restart, standbys first), or take the change back.',
    bad: example({ live: pg1('settings:\n  max_connections: "100"\npending_restart:\n  - max_connections\n') }),
    good: example({ live: pg1('settings:\n  max_connections: "100"\npending_restart: []\n') }),
    check: (scene) =>
      liveServersOf(scene).flatMap((live) =>
        itemsOf(live, 'pending_restart').map((item): Hit => {
          const shown = settingsOf(live).get(item.text ?? '');
          return {
            at: placeOf(item, live),
            says: `${live.name} has ${item.text ?? ''} ${shown?.text ?? ''} until it is restarted`,
          };
        }),
      ),
  },
  {
    id: 'live-file-error',
    title: 'A server cannot use a line of its configuration',
    ...{ severity: 'error', ...KIND },
    source: 'pg_file_settings: error',
    why: 'At a reload the whole file counts for nothing, its right lines included. At a start the server does not come up.',
    fix: 'Mend the line, look into pg_file_settings again, and reload.',
    bad: example({
      live: pg1(
        'file_errors:\n  - { file: /etc/postgresql/postgresql.conf, line: 12, name: work_mem, error: setting could not be applied }\n',
      ),
    }),
    good: example({ live: pg1('file_errors: []\n') }),
    check: (scene) =>
      liveServersOf(scene).flatMap((live) =>
        itemsOf(live, 'file_errors').map((item) => ({
          at: placeOf(item, live),
          says: `${live.name}, ${errorText(item)}`,
        })),
      ),
  },
  {
    id: 'live-hba-error',
    title: 'A server cannot use a line of pg_hba.conf',
    ...{ severity: 'error', ...KIND },
    source: 'pg_hba_file_rules: error',
    why: 'At a reload the old rules stay, so that a door that was closed in the file is open. At a start the server does not come up.',
    fix: 'Mend the line, look into pg_hba_file_rules again, and reload.',
    bad: example({
      live: pg1(
        'hba_errors:\n  - { file: /etc/postgresql/pg_hba.conf, line: 3, error: invalid authentication method "scam" }\n',
      ),
    }),
    good: example({ live: pg1('hba_errors: []\n') }),
    check: (scene) =>
      liveServersOf(scene).flatMap((live) =>
        itemsOf(live, 'hba_errors').map((item) => ({
          at: placeOf(item, live),
          says: `${live.name}, ${errorText(item)}`,
        })),
      ),
  },
  {
    id: 'live-members-differ',
    title: 'A primary and its standby run with different settings',
    ...{ severity: 'warning', ...KIND },
    source: 'pg_settings of each; PostgreSQL, Log-Shipping Standby Servers: Planning',
    why: 'After the next failover the cluster is another one: other plans, other limits. Names, addresses, folders and what replication is made of differ by nature, and are not compared.',
    fix: 'The same on both; what is for the whole cluster, in Patroni’s store alone.',
    bad: {
      files: [
        { name: 'pg1.yml', kind: 'live', text: server('pg1', 'settings:\n  work_mem: 64MB\n') },
        { name: 'pg2.yml', kind: 'live', text: server('pg2', 'settings:\n  work_mem: 4MB\n') },
      ],
      context: {},
    },
    good: {
      files: [
        {
          name: 'pg1.yml',
          kind: 'live',
          text: server('pg1', 'settings:\n  port: "5432"\n  archive_command: push --config=pg1.conf %p\n'),
        },
        {
          name: 'pg2.yml',
          kind: 'live',
          text: server('pg2', 'settings:\n  port: "5433"\n  archive_command: push --config=pg2.conf %p\n'),
        },
      ],
      context: {},
    },
    check: (scene) => {
      const all = liveServersOf(scene).filter(({ root }) => textAt(root, 'system') !== undefined);
      return all.flatMap((live, i) => {
        const other = all.find((one) => textAt(one.root, 'system') === textAt(live.root, 'system'));
        if (other === undefined || all.indexOf(other) === i) return [];
        return [...settingsOf(live)].flatMap(([name, mine]): Hit[] => {
          const theirs = settingsOf(other).get(name);
          if (OWN.test(name) || theirs === undefined || unnamed(mine, live) === unnamed(theirs, other)) return [];
          const says = `${live.name} has ${name} ${mine.text ?? ''}, ${other.name} ${theirs.text ?? ''}`;
          return [{ at: placeOf(mine, live), says, see: [{ at: placeOf(theirs, other), says: 'found here' }] }];
        });
      });
    },
  },
];

/** Of anything that runs. */
export const liveAny: readonly Rule[] = [
  {
    id: 'live-unread',
    title: 'Something could not be looked at',
    ...{ severity: 'info', ...KIND },
    source: 'submilli lint --help',
    why: 'What nobody looked at is not known to be right. The rest was looked at nevertheless.',
    fix: 'As said there: mostly one GRANT.',
    bad: example({
      live: pg1(
        'unread:\n  - what: errors in pg_hba_file_rules\n    why: submilli may not call pg_hba_file_rules()\n    fix: GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO submilli\n',
      ),
    }),
    good: example({ live: pg1('unread: []\n') }),
    check: (scene) =>
      ['server', 'pool', 'patroni'].flatMap((key) =>
        scene.files
          .filter((file) => file.kind === 'live')
          .flatMap((file): Hit[] => {
            const name = file.root.entries.get(key);
            if (name === undefined) return [];
            const told = (item: Tree): string =>
              `${textAt(item, 'what') ?? ''}: ${textAt(item, 'why') ?? ''}. ${textAt(item, 'fix') ?? ''}`
                .replaceAll(/\s+/g, ' ')
                .slice(0, 390);
            const down = at(file.root, 'down');
            const unread = at(file.root, 'unread')?.items ?? [];
            return [
              // What does not answer at all is for somebody to look after.
              ...(down === undefined ? [] : [{ at: name.place, severity: 'error' as const, says: told(down) }]),
              ...unread.map((item) => ({ at: at(item, 'what')?.place ?? item.place, says: told(item) })),
            ];
          }),
      ),
  },
];
