import { linesOf, placeAt, wordAt, type Broken, type Setting, type Source, type Word } from './place';

export type IniText = {
  readonly settings: readonly Setting[];
  readonly sections: readonly Word[];
  readonly broken: readonly Broken[];
};

/** pgbackrest.conf: [section], key=value, whole lines of comment with #. */
export const parseIni = (source: Source): IniText => {
  const settings: Setting[] = [];
  const sections: Word[] = [];
  const broken: Broken[] = [];
  for (const { text, start } of linesOf(source.text)) {
    const body = text.trim();
    const at = start + text.length - text.trimStart().length;
    const end = at + body.length;
    if (body === '' || body.startsWith('#')) continue;
    if (/^\[[^\]]+\]$/.test(body)) {
      sections.push(wordAt(source, at + 1, end - 1));
      continue;
    }
    const [whole, name = ''] = /^([^=\s[]+)\s*=\s*/.exec(body) ?? [];
    const section = sections.at(-1);
    if (whole === undefined || section === undefined) {
      const what = whole === undefined ? 'neither [section] nor key=value' : 'a key before the first [section]';
      broken.push({ place: placeAt(source, at, end), what });
      continue;
    }
    const value = wordAt(source, Math.min(at + whole.length, end), end);
    settings.push({ section: section.text, name: wordAt(source, at, at + name.length), value });
  }
  return { settings, sections, broken };
};

/** NAME=value as in /etc/default: of a shell, without what a shell would compute. */
export const parseEnvironment = (source: Source): IniText => {
  const settings: Setting[] = [];
  const broken: Broken[] = [];
  for (const { text, start } of linesOf(source.text)) {
    if (/^\s*(#.*)?$/.test(text)) continue;
    const found = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|([^\s"'#]*))\s*(?:#.*)?$/.exec(text);
    if (found === null) {
      broken.push({ place: placeAt(source, start, start + text.length), what: 'not NAME=value' });
      continue;
    }
    const [, name = '', double, single, bare = ''] = found;
    const nameAt = start + text.indexOf(name);
    const valueAt = nameAt + name.length + 1;
    const quoted = double ?? single;
    const value =
      quoted === undefined
        ? wordAt(source, valueAt, valueAt + bare.length)
        : wordAt(source, valueAt, valueAt + quoted.length + 2, quoted);
    settings.push({ section: '', name: wordAt(source, nameAt, nameAt + name.length), value });
  }
  return { settings, sections: [], broken };
};
