import { basename, dirname } from 'node:path';
import { knownSetting } from '../known/postgresql';
import { patroniControlled } from '../known/patroni';
import { placeAt, type Place, topOf, type Word, wordAt } from '../parse/place';
import { booleanOf, quantityOf } from '../parse/quantity';
import { at, type Tree } from '../parse/yaml';
import type { Edit } from '../rule';
import { filesOf, type PatroniFile, type PostgresqlFile, type Scene } from '../scene';
import { dynamicOf } from './patroni';

export type ServerSetting = {
  readonly name: Word;
  readonly value: Word;
  readonly origin: 'dcs' | 'member' | 'file' | 'auto';
  readonly edit: (text: string) => Edit;
};

/** A PostgreSQL as one file, or one beside another, configures it. */
export type Server = {
  readonly file: PostgresqlFile | PatroniFile;
  /** Where a setting would be that is not there. */
  readonly where: Place;
  /** Whether what is not there has its default, and not a value from somewhere we were not given. */
  readonly isWhole: boolean;
  /** By their names in small letters; those that hold. */
  readonly settings: ReadonlyMap<string, ServerSetting>;
  /** All, in the order in which they are read. */
  readonly all: readonly ServerSetting[];
};

/** A setting as it holds: a number in bytes or seconds where it has a unit. */
export type Value = {
  readonly text: string;
  readonly number: number;
  readonly isOn: boolean;
  readonly isSet: boolean;
  readonly at: Place;
  readonly setting: ServerSetting | undefined;
};

/** What Patroni sets where nobody else does (CMDLINE_OPTIONS of patroni/postgresql/config.py). */
const PATRONI: Readonly<Record<string, string>> = { wal_level: 'replica', hot_standby: 'on', wal_log_hints: 'on' };

/** Undefined where it isn't set and what was given is not all there is. */
export const valueOf = (server: Server, name: string): Value | undefined => {
  const setting = server.settings.get(name);
  const known = knownSetting(name);
  if (setting === undefined && (!server.isWhole || known === undefined)) return undefined;
  const fallback = server.file.kind === 'patroni' ? (PATRONI[name] ?? known?.default) : known?.default;
  const text = setting?.value.text ?? fallback ?? '';
  return {
    text,
    number: quantityOf(text, setting === undefined || known !== undefined ? (known?.unit ?? '') : '') ?? NaN,
    isOn: booleanOf(text) ?? false,
    isSet: setting !== undefined,
    at: setting?.value ?? server.where,
    setting,
  };
};

/** Those that hold of several in the order in which they are read: the last. */
const lastOf = (all: readonly ServerSetting[]): ReadonlyMap<string, ServerSetting> =>
  new Map(all.map((one) => [one.name.text.toLowerCase(), one]));

const quote = (text: string): string => (/^-?[\d.]+$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`);

const settingsOf = ({ settings }: PostgresqlFile, origin: 'file' | 'auto'): ServerSetting[] =>
  settings.map(({ name, value }) => ({
    ...{ name, value, origin },
    edit: (text) => ({ place: value, text: quote(text) }),
  }));

const isAuto = ({ source }: PostgresqlFile): boolean => basename(source.path).endsWith('auto.conf');

/** postgresql.auto.conf holds over the postgresql.conf beside it. */
const ofFiles = (files: readonly PostgresqlFile[]): Server[] => {
  const [autos, mains] = [files.filter(isAuto), files.filter((file) => !isAuto(file))];
  const beside = (one: PostgresqlFile, other: PostgresqlFile): boolean =>
    dirname(one.source.path) === dirname(other.source.path);
  const server = (file: PostgresqlFile, all: ServerSetting[], isWhole: boolean): Server => ({
    ...{ file, where: topOf(file.source), isWhole, settings: lastOf(all), all },
  });
  return [
    ...mains.map((main) => {
      const over = autos.filter((auto) => beside(main, auto)).flatMap((auto) => settingsOf(auto, 'auto'));
      const isWhole = main.includes.every(({ isRead }) => isRead);
      return server(main, [...settingsOf(main, 'file'), ...over], isWhole);
    }),
    ...autos
      .filter((auto) => !mains.some((main) => beside(main, auto)))
      .map((auto) => server(auto, settingsOf(auto, 'auto'), false)),
  ];
};

const parametersOf = (tree: Tree | undefined, origin: 'dcs' | 'member'): ServerSetting[] =>
  [...(tree?.entries.values() ?? [])].flatMap(({ key, place, text }): ServerSetting[] => {
    if (key === undefined || text === undefined) return [];
    const value = wordAt(place.source, place.start, place.end, text);
    return [{ name: key, value, origin, edit: (to) => ({ place: value, text: quote(to) }) }];
  });

const ofPatroni = (file: PatroniFile): Server[] => {
  const dcs = at(dynamicOf(file), 'postgresql', 'parameters');
  const own = file.root === dynamicOf(file) ? undefined : at(file.root, 'postgresql', 'parameters');
  const first = dcs ?? own;
  if (first === undefined) return [];
  const shared = parametersOf(dcs, 'dcs');
  const members = parametersOf(own, 'member');
  const kept = members.filter(({ name }) => !patroniControlled.includes(name.text));
  return [
    {
      ...{ file, where: first.key ?? topOf(file.source), isWhole: dcs !== undefined },
      ...{ settings: lastOf([...shared, ...kept]), all: [...shared, ...members] },
    },
  ];
};

export const serversOf = (scene: Scene): Server[] => [
  ...ofFiles(filesOf(scene, 'postgresql')),
  ...filesOf(scene, 'patroni').flatMap(ofPatroni),
];

/** A line to add to a postgresql.conf; Patroni's YAML is left to people. */
export const addSetting = ({ file }: Server, name: string, text: string): Edit | undefined => {
  if (file.kind !== 'postgresql') return undefined;
  const { source } = file;
  const end = source.text.length;
  return {
    place: placeAt(source, end, end),
    text: `${source.text.endsWith('\n') || end === 0 ? '' : '\n'}${name} = ${quote(text)}\n`,
  };
};
