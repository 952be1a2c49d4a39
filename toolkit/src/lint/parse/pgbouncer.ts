import { linesOf, type Broken, type Reader, type Setting, type Source, type Word, wordAt, placeAt } from './place';

export type PgbouncerText = {
  readonly settings: readonly Setting[];
  readonly sections: readonly Word[];
  readonly includes: readonly { readonly path: Word; readonly isRead: boolean }[];
  readonly broken: readonly Broken[];
};

/** A file that includes itself would never end. */
const MOST_DEEP = 10;

const KEY = /^(?:"((?:[^"]|"")*)"|[\w.*-]+)/;

/**
 * pgbouncer.ini as PgBouncer's own loader reads it: a comment is a whole line that begins with ; or #, never the end of
 * one; a value goes to the end of its line; what is included goes on in the section that included it.
 */
export const parsePgbouncer = (source: Source, read: Reader, section = '', deep = 0): PgbouncerText => {
  const settings: Setting[] = [];
  const sections: Word[] = [];
  const includes: PgbouncerText['includes'][number][] = [];
  const broken: Broken[] = [];
  let current = section;
  for (const { text, start } of linesOf(source.text)) {
    const indent = text.length - text.trimStart().length;
    const body = text.trim();
    const at = start + indent;
    const end = at + body.length;
    if (body === '' || body.startsWith(';') || body.startsWith('#')) continue;
    const include = /^%include[ \t]+/.exec(body);
    if (include !== null) {
      const path = wordAt(source, at + include[0].length, end);
      const other = deep < MOST_DEEP ? read(path.text, source) : undefined;
      includes.push({ path, isRead: other !== undefined });
      if (other === undefined) continue;
      const inner = parsePgbouncer(other, read, current, deep + 1);
      settings.push(...inner.settings);
      sections.push(...inner.sections);
      includes.push(...inner.includes);
      broken.push(...inner.broken);
      current = inner.sections.at(-1)?.text ?? current;
      continue;
    }
    if (body.startsWith('[')) {
      const close = body.indexOf(']');
      if (close < 0) {
        broken.push({ place: placeAt(source, at, end), what: 'a section without its ]' });
        continue;
      }
      const name = wordAt(source, at + 1, at + close);
      sections.push(name);
      current = name.text;
      continue;
    }
    const key = KEY.exec(body);
    const equals = key === null ? null : /^[ \t]*=[ \t]*/.exec(body.slice(key[0].length));
    if (key === null || equals === null) {
      broken.push({ place: placeAt(source, at, end), what: 'neither a section nor name = value' });
      continue;
    }
    const valueAt = Math.min(at + key[0].length + equals[0].length, end);
    settings.push({
      section: current,
      name: wordAt(source, at, at + key[0].length, key[1]?.replaceAll('""', '"') ?? key[0]),
      value: wordAt(source, valueAt, end),
    });
  }
  return { settings, sections, includes, broken };
};

export type ConnectionPart = { readonly name: Word; readonly value: Word };

/** The key=value parts of a line under [databases] or [users]; a value in '' has '' for a quote in it. */
export const parseConnection = (
  value: Word,
): { readonly parts: readonly ConnectionPart[]; readonly broken: readonly Broken[] } => {
  const parts: ConnectionPart[] = [];
  const part = /\s*([\w.-]+)\s*=\s*(?:'((?:[^']|'')*)'|([^\s']*))(?=\s|$)/y;
  const text = value.source.text.slice(value.start, value.end);
  let at = 0;
  while (text.slice(at).trim() !== '') {
    part.lastIndex = at;
    const found = part.exec(text);
    if (found === null) {
      return { parts, broken: [{ place: placeAt(value.source, value.start + at, value.end), what: 'not key=value' }] };
    }
    const [whole, name = '', quoted, bare = ''] = found;
    const nameAt = value.start + at + whole.indexOf(name);
    const end = value.start + at + whole.length;
    const raw = quoted === undefined ? bare.length : quoted.length + 2;
    parts.push({
      name: wordAt(value.source, nameAt, nameAt + name.length),
      value: wordAt(value.source, end - raw, end, quoted?.replaceAll("''", "'") ?? bare),
    });
    at = part.lastIndex;
  }
  return { parts, broken: [] };
};
