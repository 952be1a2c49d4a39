import { SubmilliError } from '@submilli/core';
import { parseDocument, type ParsedNode } from 'yaml';
import { readReference, renderReference } from '../stack/template';
import { replaced } from './own-settings';
import { sizeSettings, type Sized } from './sizing';
import { type BackupSpec, sessionsOf, type ClusterSpec } from './spec';
import type { Member } from './topology';

export type Settings = Readonly<Record<string, string | number>>;

const LINE = /^([a-z][\w.]*)\s*=\s*(?:'((?:[^']|'')*)'|(-?[\d.]+))\s*(?:#\s*(.*))?$/i;

export type Line = { readonly comment: string } | (Omit<Sized, 'why'> & { readonly why?: string | undefined });

/**
 * The text of a postgresql.conf, line by line: `name = value`, text in quotes, numbers bare, # comments. Throws a
 * `SubmilliError` for a line of any other kind.
 */
const linesOf = (text: string): Line[] =>
  text.split('\n').map((line, i): Line => {
    const comment = /^\s*#?\s?(.*)$/.exec(line)?.[1] ?? '';
    if (/^\s*(#.*)?$/.test(line)) return { comment };
    const [, name, quoted, bare, why] = LINE.exec(line.trim()) ?? [];
    if (name === undefined) {
      const hint = "Write name = 'text' or name = number.";
      throw new SubmilliError({ what: 'not a setting', where: `postgresql.conf:${i + 1}`, hint });
    }
    if (quoted !== undefined) return { name, value: quoted.replaceAll("''", "'"), why };
    // 0640 is a mode and keeps its nought.
    return { name, value: /^0\d/.test(bare ?? '') ? (bare ?? '') : Number(bare), why };
  });

export const parseSettings = (text: string): Settings =>
  Object.fromEntries(linesOf(text).flatMap((line) => ('name' in line ? [[line.name, line.value]] : [])));

const yamlLine = (line: Line): string => {
  if (!('name' in line)) return line.comment === '' ? '' : `# ${line.comment}`;
  const value = typeof line.value === 'number' ? String(line.value) : `'${line.value.replaceAll("'", "''")}'`;
  return `${line.name}: ${value}${line.why === undefined ? '' : `  # ${line.why}`}`;
};

const referenceLines = (): Line[] => linesOf(readReference('postgresql/postgresql.conf'));

/** The cluster's settings as YAML with their reasons: those of cluster/postgresql/postgresql.conf, then those computed. */
export const settingsYaml = (spec: ClusterSpec): ParsedNode => {
  const sized: Line[] = sizeSettings(spec.machine, sessionsOf(spec));
  const { memory_mb, cores, disk_gb, storage } = spec.machine;
  const comment = `Of a machine with ${memory_mb} MB, ${cores} cores and ${disk_gb} GB of ${storage}.`;
  return yamlOf(
    replaced(
      [...referenceLines(), { comment }, ...sized],
      ownOf(spec, (name) => !isArchive(spec, name)),
    ),
  );
};

/** What a member's own file has counts there, and nowhere else. */
const isArchive = ({ backup }: ClusterSpec, name: string): boolean => backup !== undefined && ARCHIVE.includes(name);

const ownOf = ({ settings }: ClusterSpec, isWanted: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(settings?.postgresql ?? {}).filter(([name]) => isWanted(name)));

const yamlOf = (lines: readonly Line[]): ParsedNode => {
  const { contents } = parseDocument(`${lines.map(yamlLine).join('\n')}\n`);
  if (contents === null) throw new SubmilliError({ what: 'no settings' });
  return contents;
};

const ARCHIVE = ['archive_mode', 'archive_timeout', 'archive_command'];

/** The settings of cluster/postgresql/archive.conf for one member, as YAML with their reasons. */
export const archiveYaml = (spec: ClusterSpec, { program, stanza, config }: BackupSpec, member: Member): ParsedNode => {
  const text = renderReference('postgresql/archive.conf', { program, stanza, config: config(member) });
  return yamlOf(
    replaced(
      linesOf(text),
      ownOf(spec, (name) => isArchive(spec, name)),
    ),
  );
};

/** The same as plain values. */
export const settingsOf = (spec: ClusterSpec): Settings => settingsYaml(spec).toJSON() as Settings;

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
