import { patroniControlled, patroniDynamic, patroniLocal, patroniMeant, patroniOwned } from '../../known/patroni';
import { nearest } from '../../known/nearest';
import { at } from '../../parse/yaml';
import { example, type Hit, type Rule } from '../../rule';
import { filesOf, type PatroniFile } from '../../scene';
import { choiceOf, dynamicOf, dynamicsOf } from '../../view/patroni';
import { serversOf } from '../../view/server';
import { dcsExample } from './timers';

const meant = (name: string, known: readonly string[]): string => {
  const own = patroniMeant[name];
  const near = own === undefined ? nearest(name, known) : undefined;
  return own !== undefined ? `. ${own}` : near === undefined ? '' : `; ${near}?`;
};

const unknownIn = (file: PatroniFile): Hit[] => {
  const dynamic = dynamicOf(file);
  const local = dynamic === file.root ? [] : Object.entries(patroniLocal);
  return [
    ...[...(dynamic?.entries.values() ?? [])]
      .flatMap(({ key }) => (key === undefined ? [] : [key]))
      .filter(({ text }) => !patroniDynamic.includes(text))
      .map((key): Hit => ({
        at: key,
        says: `Patroni has no setting ${key.text}, and ignores it${meant(key.text, patroniDynamic)}`,
      })),
    ...local.flatMap(([path, known]) =>
      [...(at(file.root, ...path.split('.').filter((part) => part !== ''))?.entries.values() ?? [])]
        .flatMap(({ key }) => (key === undefined ? [] : [key]))
        .filter(({ text }) => !known.includes(text) && !/^(__|x-|\.)/.test(text))
        .map((key): Hit => {
          const misplaced = path === '' && patroniDynamic.includes(key.text);
          const where = path === '' ? 'patroni.yml' : path.replaceAll('.', ': ');
          const hint = misplaced
            ? '. It belongs under bootstrap: dcs, and after that into the DCS'
            : meant(key.text, known);
          return { at: key, says: `${where} has no ${key.text}, and Patroni ignores it${hint}` };
        }),
    ),
  ];
};

export const keys: readonly Rule[] = [
  {
    id: 'patroni-unknown-key',
    title: 'Patroni does not know the key, and ignores it',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni 3.0.2 patroni/validator.py and config.py; dynamic and YAML configuration of 4.1',
    why: 'A key that is misspelt, or that Patroni never had, is taken without a word: the setting that was meant keeps its default, and who reads the file believes otherwise.',
    fix: 'The name that was meant, or nothing.',
    bad: dcsExample('ttl: 30\nfailover_timeout: 10'),
    good: dcsExample('ttl: 30\nmaximum_lag_on_failover: 1048576'),
    check: (scene) => filesOf(scene, 'patroni').flatMap(unknownIn),
  },
  {
    id: 'patroni-renamed-key',
    title: 'The key has an old name',
    ...{ severity: 'info', kinds: ['patroni'], fixable: true },
    source: 'Patroni 3.0.0 release notes',
    why: 'master_… became primary_… in 3.0. The old name still holds, unless the new one is there as well.',
    fix: 'primary_start_timeout, primary_stop_timeout',
    bad: dcsExample('ttl: 20\nmaster_start_timeout: 0'),
    good: dcsExample('ttl: 20\nprimary_start_timeout: 0'),
    check: (scene) =>
      dynamicsOf(scene).flatMap(({ tree }) =>
        [...tree.entries.values()].flatMap(({ key }): Hit[] => {
          if (key === undefined || !/^master_(start|stop)_timeout$/.test(key.text)) return [];
          const now = key.text.replace('master', 'primary');
          return [{ at: key, says: `${key.text} is called ${now} since Patroni 3.0`, edit: { place: key, text: now } }];
        }),
      ),
  },
  {
    id: 'patroni-parameter-ignored',
    title: 'A parameter stands where Patroni does not take it from',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni, "Important rules" of its configuration: PostgreSQL parameters controlled by Patroni',
    why: 'Some parameters must be the same on all members, so Patroni takes them from the DCS alone, and gives them to the server on its command line, over any file. Others follow from patroni.yml itself.',
    fix: 'Under bootstrap: dcs: postgresql: parameters, and in a running cluster by patronictl edit-config.',
    bad: example({ patroni: 'scope: main\nname: pg1\npostgresql:\n  parameters:\n    max_connections: 500\n' }),
    good: example({
      patroni: 'scope: main\nname: pg1\npostgresql:\n  parameters:\n    log_directory: /var/log/postgresql\n',
    }),
    check: (scene) =>
      serversOf(scene).flatMap(({ all, file }) =>
        file.kind !== 'patroni'
          ? []
          : all.flatMap(({ name, origin }): Hit[] => {
              if (patroniOwned.includes(name.text)) {
                return [
                  { at: name, says: `Patroni sets ${name.text} by itself, from scope, listen and connect_address` },
                ];
              }
              if (origin !== 'member' || !patroniControlled.includes(name.text)) return [];
              return [{ at: name, says: `Patroni takes ${name.text} from the DCS, and not from a member’s own file` }];
            }),
      ),
  },
  {
    id: 'patroni-wal-keep-unit',
    title: 'A unit makes Patroni drop the whole configuration',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'Patroni 3.1.2 release notes',
    why: 'Up to 3.1.1, wal_keep_size with a unit in the DCS makes the REST API answer /config with nothing at all.',
    fix: 'wal_keep_size: 256 (a bare number of MB).',
    bad: dcsExample("postgresql:\n  parameters:\n    wal_keep_size: '256MB'", '3.0.2'),
    good: dcsExample('postgresql:\n  parameters:\n    wal_keep_size: 256', '3.0.2'),
    check: (scene) => {
      const { patroni } = scene.versions;
      if (patroni === undefined || !/^(3\.0(\.|$)|3\.1($|\.[01]$)|[12]\.)/.test(patroni)) return [];
      return serversOf(scene).flatMap(({ settings }) => {
        const setting = settings.get('wal_keep_size');
        return setting?.origin === 'dcs' && /[a-z]/i.test(setting.value.text)
          ? [{ at: setting.value, says: `Patroni ${patroni} answers /config with nothing because of the unit` }]
          : [];
      });
    },
  },
  {
    id: 'patroni-etcd-protocol',
    title: 'Patroni speaks a protocol that etcd has switched off',
    ...{ severity: 'warning', kinds: ['patroni'], fixable: false },
    source: 'etcd 3.4: --enable-v2 is false by default, and gone in 3.6; Patroni, YAML configuration: etcd3',
    why: 'The section etcd is the v2 protocol. etcd 3.4 and later do not answer it unless told to, and 3.6 cannot.',
    fix: 'The section etcd3, with the same keys; for a running cluster, one member after another, on a new scope.',
    bad: example({
      patroni: 'scope: main\nname: pg1\nrestapi:\n  listen: 127.0.0.1:8008\netcd:\n  hosts: 10.0.0.1:2379\n',
    }),
    good: example({
      patroni: 'scope: main\nname: pg1\nrestapi:\n  listen: 127.0.0.1:8008\netcd3:\n  hosts: 10.0.0.1:2379\n',
    }),
    check: (scene) =>
      filesOf(scene, 'patroni').flatMap(({ root }) => {
        const key = root.entries.get('etcd')?.key;
        return key === undefined ? [] : [{ at: key, says: 'etcd 3.4 and later don’t answer the v2 protocol' }];
      }),
  },
  {
    id: 'patroni-pause',
    title: 'Patroni is paused by its configuration',
    ...{ severity: 'error', kinds: ['patroni'], fixable: false },
    source: 'Patroni, Pause/Resume mode',
    why: 'In maintenance mode there is no failover: the primary may be lost, and nobody takes over.',
    fix: 'patronictl resume, and no pause in the file.',
    bad: dcsExample('ttl: 20\npause: true'),
    good: dcsExample('ttl: 20'),
    check: (scene) =>
      dynamicsOf(scene).flatMap((dynamic) => {
        const { isOn, at: place } = choiceOf(dynamic, 'pause');
        return isOn ? [{ at: place, says: 'pause: true: no failover happens' }] : [];
      }),
  },
];
