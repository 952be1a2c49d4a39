import { SubmilliError } from '@submilli/core';
import { readReference } from './template';

export type Settings = Readonly<Record<string, string | number>>;

const LINE = /^([a-z][\w.]*)\s*=\s*(?:'((?:[^']|'')*)'|(-?[\d.]+))\s*(?:#.*)?$/i;

/**
 * The settings in the text of a postgresql.conf: one `name = value` a line, text in quotes, numbers bare, # comments.
 * Throws a `SubmilliError` for a line of any other kind.
 */
export const parseSettings = (text: string): Settings =>
  Object.fromEntries(
    text.split('\n').flatMap((line, i): [string, string | number][] => {
      if (/^\s*(#.*)?$/.test(line)) return [];
      const [, name, quoted, bare] = LINE.exec(line.trim()) ?? [];
      if (name === undefined) {
        const hint = "Write name = 'text' or name = number.";
        throw new SubmilliError({ what: 'not a setting', where: `postgresql.conf:${i + 1}`, hint });
      }
      if (quoted !== undefined) return [[name, quoted.replaceAll("''", "'")]];
      // 0640 is a mode and keeps its nought.
      return [[name, bare?.startsWith('0') === true && /^0\d/.test(bare) ? bare : Number(bare)]];
    }),
  );

/** The server settings of the reference cluster: cluster/postgresql/postgresql.conf. */
export const referenceSettings = (): Settings => parseSettings(readReference('postgresql/postgresql.conf'));

/** Addresses as pg_hba.conf has them, by the name that stands for them there. */
export type HbaPlaces = Readonly<Record<string, readonly string[]>>;

/** The rules in the text of a pg_hba.conf, without comments: a line for each of the places it is for, none twice. */
export const parseHba = (text: string, places: HbaPlaces): string[] => {
  const lines = text
    .split('\n')
    .filter((line) => /^\s*[^#\s]/.test(line))
    .map((line) => line.trim().replaceAll(/\s+/g, ' '));
  const rules = lines.flatMap((line) => {
    const name = /\{\{(\w+)\}\}/.exec(line)?.[1];
    if (name === undefined) return [line];
    const there = places[name];
    if (there === undefined) throw new SubmilliError({ what: `pg_hba.conf wants {{${name}}}, which nobody sets` });
    return there.map((address) => line.replace(`{{${name}}}`, address));
  });
  return [...new Set(rules)];
};

/** The rules of the reference cluster's pg_hba.conf. */
export const referenceHba = (places: HbaPlaces): string[] => parseHba(readReference('postgresql/pg_hba.conf'), places);
