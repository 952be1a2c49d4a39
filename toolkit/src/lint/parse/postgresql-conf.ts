import { linesOf, placeAt, wordAt, type Broken, type Reader, type Setting, type Source, type Word } from './place';

export type ConfText = {
  readonly settings: readonly Setting[];
  readonly includes: readonly { readonly path: Word; readonly isRead: boolean }[];
  readonly broken: readonly Broken[];
};

const MOST_DEEP = 10;
const NAME = /^\s*([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*(?:\.[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)?)/;
/** After the name: an equals sign or a space, then '…' with '' or \ for what is special in it, or a bare word. */
const VALUE = /^(\s*=\s*|\s+)(?:'((?:[^'\\\n]|''|\\.)*)'|([^\s'#=][^\s'#]*))\s*(?:#.*)?$/;

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const unquote = (text: string): string =>
  text.replaceAll(/''|\\([0-7]{1,3}|.)/g, (whole, escaped: string | undefined) => {
    if (escaped === undefined) return whole === "''" ? "'" : whole;
    return /^[0-7]/.test(escaped) ? String.fromCharCode(parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped);
  });

/**
 * postgresql.conf by the grammar of the server (guc-file.l). The settings are in the order in which they are read, those
 * of included files where they are included: the last of a name is the one that counts.
 */
export const parsePostgresqlConf = (source: Source, read: Reader, deep = 0): ConfText => {
  const settings: Setting[] = [];
  const includes: ConfText['includes'][number][] = [];
  const broken: Broken[] = [];
  for (const { text, start } of linesOf(source.text)) {
    if (/^\s*(#.*)?$/.test(text)) continue;
    const [head, name = ''] = NAME.exec(text) ?? [];
    const found = head === undefined ? null : VALUE.exec(text.slice(head.length));
    if (head === undefined || found === null) {
      const indent = text.length - text.trimStart().length;
      const what = "not a setting: name = value, with text in '…'";
      broken.push({ place: placeAt(source, start + indent, start + text.trimEnd().length), what });
      continue;
    }
    const [, gap = '', quoted, bare = ''] = found;
    const nameAt = start + head.length - name.length;
    const valueAt = start + head.length + gap.length;
    const length = quoted === undefined ? bare.length : quoted.length + 2;
    const value = wordAt(source, valueAt, valueAt + length, quoted === undefined ? bare : unquote(quoted));
    if (!/^include(_if_exists|_dir)?$/i.test(name)) {
      settings.push({ section: '', name: wordAt(source, nameAt, nameAt + name.length), value });
      continue;
    }
    // A directory is listed by who reads the files: see files/read.ts.
    const other = deep < MOST_DEEP ? read(value.text, source) : undefined;
    if (other !== undefined || name.toLowerCase() !== 'include_if_exists') {
      includes.push({ path: value, isRead: other !== undefined });
    }
    if (other === undefined) continue;
    const inner = parsePostgresqlConf(other, read, deep + 1);
    settings.push(...inner.settings);
    includes.push(...inner.includes);
    broken.push(...inner.broken);
  }
  return { settings, includes, broken };
};
