import { resolve } from 'node:path';
import { at, spot, type Tree } from '../../parse/yaml';
import { example, type Hit, type Rule } from '../../rule';
import type { PgbouncerFile, Scene } from '../../scene';
import { isSameOption, isSameSetting, itemsOf, type Live, livePatronisOf, livePoolsOf, placeOf } from '../../view/live';
import { dynamicOf, dynamicsOf, textAt } from '../../view/patroni';
import { optionOf, poolsOf, SECTION } from '../../view/pool';

const pool = (config: string): string => `pool: pool\naddress: 127.0.0.1:6432\nconfig:\n${config}`;
const patroni = (config: string, members = ''): string => `patroni: main\nconfig:\n${config}${members}`;

/** Whom a pgbouncer.ini is for: by its path, by the port; one alone is for all. */
const runsWith = (scene: Scene, file: PgbouncerFile, all: readonly Live[]): readonly Live[] => {
  const shown = (live: Live, key: string): string | undefined => textAt(live.root, 'config', key);
  const own = all.filter((live) => shown(live, 'conffile') === resolve(file.source.path));
  if (own.length > 0) return own;
  const port = optionOf(file, 'listen_port').text;
  const listening = all.filter((live) => (shown(live, 'listen_port') ?? port) === port);
  return poolsOf(scene).length === 1 && all.length === 1 ? all : listening;
};

/** Scalars of a tree by their paths. */
const leaves = (
  tree: Tree,
  path: readonly string[] = [],
): readonly (readonly [path: readonly string[], leaf: Tree])[] =>
  tree.entries.size > 0
    ? [...tree.entries].flatMap(([key, each]) => leaves(each, [...path, key]))
    : tree.text === undefined
      ? []
      : [[path, tree] as const];

export const liveServices: readonly Rule[] = [
  {
    id: 'live-pool-differs',
    title: 'PgBouncer runs with something else than its file says',
    ...{ severity: 'warning', kinds: ['live', 'pgbouncer'], fixable: false },
    source: 'PgBouncer: SHOW CONFIG, RELOAD',
    why: 'It was not told to read its file again, or the setting takes a restart. At the next one it is another pool.',
    fix: 'RELOAD on its console if the file is right (a restart for listen_addr, listen_port and the like); else mend the file.',
    bad: example({
      pgbouncer: '[pgbouncer]\ndefault_pool_size = 40\n',
      live: pool('  default_pool_size: "20"\n'),
    }),
    good: example({
      pgbouncer: '[pgbouncer]\ndefault_pool_size = 40\nserver_idle_timeout = 600.0\n',
      live: pool('  default_pool_size: "40"\n  server_idle_timeout: "600"\n'),
    }),
    check: (scene) => {
      const all = livePoolsOf(scene);
      return poolsOf(scene).flatMap((file) =>
        runsWith(scene, file, all).flatMap((live) => {
          const names = new Set(
            file.settings.filter(({ section }) => section === SECTION).map(({ name }) => name.text),
          );
          return [...names].flatMap((name): Hit[] => {
            const [option, shown] = [optionOf(file, name), at(live.root, 'config', name)];
            if (shown === undefined || isSameOption(option.text, shown.text ?? '')) return [];
            return [
              {
                at: option.at,
                says: `${live.name} runs with ${name} ${shown.text === '' ? 'empty' : (shown.text ?? 'empty')}`,
                see: [{ at: placeOf(shown, live), says: 'found here' }],
              },
            ];
          });
        }),
      );
    },
  },
  {
    id: 'live-patroni-differs',
    title: 'Patroni’s store holds something else than the file says',
    ...{ severity: 'warning', kinds: ['live', 'patroni'], fixable: false },
    source: 'Patroni, Dynamic Configuration Settings; GET /config',
    why: 'The store is what counts. bootstrap: dcs of a patroni.yml is read once, when the cluster is made: there it is only a thought, but the next cluster that is made from this file will be another one.',
    fix: 'patronictl edit-config if the file is right; else take what the store holds into the file.',
    bad: example({ patroni: 'ttl: 20\nloop_wait: 5\n', live: patroni('  ttl: 30\n  loop_wait: 5\n') }),
    good: example({
      patroni: 'ttl: 30\npostgresql:\n  parameters:\n    work_mem: 65536kB\n',
      live: patroni('  ttl: 30\n  postgresql:\n    parameters:\n      work_mem: 64MB\n'),
    }),
    check: (scene) => {
      // Of a store that could not be read nothing is said.
      const all = livePatronisOf(scene).filter(({ root }) => at(root, 'config') !== undefined);
      return dynamicsOf(scene).flatMap(({ file, tree }) => {
        const scope = textAt(file.root, 'scope');
        const own = all.filter((live) =>
          scope === undefined
            ? all.length === 1
            : itemsOf(live, 'members').some((one) => textAt(one, 'scope') === scope),
        );
        const isBootstrap = dynamicOf(file) !== file.root;
        return own.flatMap((live) =>
          leaves(tree).flatMap(([path, leaf]): Hit[] => {
            const [name, inStore] = [path.at(-1) ?? '', at(live.root, 'config', ...path)];
            const held = inStore?.text;
            const isSame =
              held !== undefined &&
              (path.includes('parameters')
                ? isSameSetting(name, leaf.text ?? '', held)
                : isSameOption(leaf.text ?? '', held));
            if (isSame) return [];
            return [
              {
                at: spot(leaf),
                ...(isBootstrap ? { severity: 'info' as const } : {}),
                says: `the store of ${live.name} has ${path.join('.')} ${held ?? 'not set'}`,
                ...(inStore === undefined ? {} : { see: [{ at: placeOf(inStore, live), says: 'found here' }] }),
              },
            ];
          }),
        );
      });
    },
  },
  {
    id: 'live-patroni-members',
    title: 'Members of Patroni are not alike',
    ...{ severity: 'warning', kinds: ['live'], fixable: false },
    source: 'Patroni: GET /patroni of each member',
    why: 'Two versions are for the hour of an upgrade. A member that waits for a restart has other limits than it will have. While Patroni is paused nobody fails over.',
    fix: 'End the upgrade; patronictl restart of the member; patronictl resume.',
    bad: example({
      live: patroni(
        '  ttl: 30\n',
        'members:\n  - { member: pg1, scope: main, version: 3.0.2, pause: false, pending_restart: false }\n  - { member: pg2, scope: main, version: 3.3.1, pause: false, pending_restart: true }\n',
      ),
    }),
    good: example({
      live: patroni(
        '  ttl: 30\n',
        'members:\n  - { member: pg1, scope: main, version: 3.0.2, pause: false, pending_restart: false }\n  - { member: pg2, scope: main, version: 3.0.2, pause: false, pending_restart: false }\n',
      ),
    }),
    check: (scene) =>
      livePatronisOf(scene).flatMap((live) => {
        const members = itemsOf(live, 'members');
        const first = members[0];
        return members.flatMap((item): Hit[] => {
          const [name, version] = [textAt(item, 'member') ?? '', textAt(item, 'version')];
          const is = (key: string): boolean => textAt(item, key) === 'true';
          const hit = (says: string): Hit => ({ at: placeOf(item, live), says });
          const other = textAt(first, 'version');
          return [
            ...(version === other
              ? []
              : [hit(`${name} runs Patroni ${version ?? ''}, ${textAt(first, 'member') ?? ''} ${other ?? ''}`)]),
            ...(is('pending_restart') ? [hit(`Patroni says that ${name} waits for a restart`)] : []),
            ...(is('pause') && item === first ? [hit(`${live.name} is paused: nobody fails over`)] : []),
          ];
        });
      }),
  },
];
