import type { Line } from './settings';

type Value = string | number | boolean;
type Own = Readonly<Record<string, Value | null>>;

const plain = (value: Value): string | number => (typeof value === 'boolean' ? (value ? 'on' : 'off') : value);

/** The lines with this cluster's own settings in place of the computed ones, and what is beside those at the end. */
export const replaced = (lines: readonly Line[], own: Own): Line[] => {
  const known = new Set(lines.flatMap((line) => ('name' in line ? [line.name] : [])));
  const rest = Object.entries(own).filter(([name, value]) => !known.has(name) && value !== null);
  const kept = lines.flatMap((line): Line[] => {
    if (!('name' in line) || !(line.name in own)) return [line];
    const value = own[line.name] ?? null;
    if (value !== null && String(plain(value)) === String(line.value)) return [line];
    return value === null ? [] : [{ name: line.name, value: plain(value), why: `set here, in place of ${line.value}` }];
  });
  const added = rest.map(([name, value]): Line => ({ name, value: plain(value ?? '') }));
  return added.length === 0 ? kept : [...kept, { comment: 'Set here.' }, ...added];
};

/** The same in the text of a pgbouncer.ini, whose last section is its own. */
export const replacedInIni = (text: string, own: Own): string => {
  const missing = new Map(Object.entries(own).filter(([, value]) => value !== null));
  const lines = text.split('\n').flatMap((line) => {
    const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || !(name in own)) return [line];
    missing.delete(name);
    const wanted = own[name] ?? null;
    if (wanted !== null && inIni(wanted) === value) return [line];
    return wanted === null ? [] : [`; Set here, in place of ${value ?? ''}.`, `${name} = ${inIni(wanted)}`];
  });
  if (missing.size === 0) return lines.join('\n');
  const added = [...missing].map(([name, value]) => `${name} = ${inIni(value ?? '')}`);
  return `${lines.join('\n').trimEnd()}\n\n; Set here.\n${added.join('\n')}\n`;
};

const inIni = (value: Value): string => (typeof value === 'boolean' ? String(Number(value)) : String(value));
