import { isOption, knownOption } from '../known/pgbouncer';
import { parseConnection } from '../parse/pgbouncer';
import { type Place, placeAt, type Setting, topOf, type Word } from '../parse/place';
import type { Edit } from '../rule';
import { filesOf, type PgbouncerFile, type Scene } from '../scene';

/** A setting of [pgbouncer] as it holds: what the file says last, else the default. */
export type Option = {
  readonly text: string;
  readonly number: number;
  readonly isSet: boolean;
  /** The value, or the head of the section where it would be. */
  readonly at: Place;
};

export const SECTION = 'pgbouncer';

/** Those with a section [pgbouncer]; others are only included by one. */
export const poolsOf = (scene: Scene): PgbouncerFile[] =>
  filesOf(scene, 'pgbouncer').filter(({ sections }) => sections.some(({ text }) => text === SECTION));

const headOf = ({ sections, source }: PgbouncerFile): Place =>
  sections.find(({ text }) => text === SECTION) ?? topOf(source);

const settingOf = (file: PgbouncerFile, name: string): Setting | undefined =>
  file.settings.findLast(({ section, name: own }) => section === SECTION && own.text === name);

export const optionOf = (file: PgbouncerFile, name: string): Option => {
  const setting = settingOf(file, name);
  const text = setting?.value.text ?? knownOption(name)?.default ?? '';
  // An empty value has no width to point at.
  const at = setting === undefined ? headOf(file) : setting.value.text === '' ? setting.name : setting.value;
  return { text, number: text === '' ? NaN : Number(text), isSet: setting !== undefined, at };
};

/** Writes a value where it stands, or as a line of its own below the head of the section. */
export const setOption = (file: PgbouncerFile, name: string, value: string): Edit => {
  const setting = settingOf(file, name);
  if (setting !== undefined) return { place: setting.value, text: value };
  const { source, end } = headOf(file);
  const line = source.text.indexOf('\n', end);
  const after = line < 0 ? source.text.length : line;
  return { place: placeAt(source, after, after), text: `\n${name} = ${value}` };
};

/** A line under [databases], as far as it could be read. */
export type Database = { readonly name: Word; readonly parts: ReadonlyMap<string, Word> };

export const databasesOf = ({ settings }: PgbouncerFile): Database[] =>
  settings
    .filter(({ section }) => section === 'databases')
    .map(({ name, value }) => ({
      name,
      parts: new Map(parseConnection(value).parts.map((part) => [part.name.text, part.value])),
    }));

export const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** Whether only this machine can connect. */
export const isLocal = (addresses: readonly string[]): boolean =>
  addresses.every((address) => /^(127\.\d+\.\d+\.\d+|::1|\[::1\]|localhost)$/i.test(address));

export const isTakenBy118 = isOption;
