import { isIP } from 'node:net';
import { placeAt, wordAt, type Broken, type Place, type Source, type Word } from './place';

export type HbaRecord = {
  readonly place: Place;
  readonly type: Word;
  readonly databases: readonly Word[];
  readonly users: readonly Word[];
  /** None for `local`. */
  readonly address: Word | undefined;
  readonly mask: Word | undefined;
  readonly method: Word;
  readonly options: readonly { readonly name: string; readonly value: Word }[];
};

export type HbaText = {
  readonly records: readonly HbaRecord[];
  readonly includes: readonly Word[];
  readonly broken: readonly Broken[];
};

const TYPES: readonly string[] = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'];

type Field = Place & { readonly words: readonly Word[] };

/** One line in fields: words apart by blanks, each a list with commas; "…" holds blanks, commas and keywords together. */
const fieldsOf = (
  source: Source,
  start: number,
  end: number,
): { readonly fields: readonly Field[]; readonly open: boolean } => {
  const fields: Field[] = [];
  let words: Word[] = [];
  let at = start;
  let fieldStart = -1;
  let expectMore = false;
  const close = (): void => {
    const last = words.at(-1);
    if (last !== undefined) fields.push({ source, start: fieldStart, end: last.end, words });
    words = [];
  };
  while (at < end) {
    const char = source.text[at] ?? '';
    if (char === '#') break;
    if (char === '\\' && /^\\\r?\n/.test(source.text.slice(at, at + 3))) {
      at += source.text[at + 1] === '\r' ? 3 : 2;
      continue;
    }
    if (/\s/.test(char)) {
      at += 1;
      continue;
    }
    if (char === ',') {
      expectMore = true;
      at += 1;
      continue;
    }
    if (!expectMore) close();
    if (words.length === 0) fieldStart = at;
    const from = at;
    let text = '';
    let quoted = false;
    while (at < end) {
      const one = source.text[at] ?? '';
      if (one === '"') {
        if (quoted && source.text[at + 1] === '"') {
          text += '"';
          at += 2;
          continue;
        }
        quoted = !quoted;
      } else if (one === '\n' || (!quoted && (/\s/.test(one) || one === ',' || one === '#'))) break;
      else text += one;
      at += 1;
    }
    if (quoted) return { fields, open: true };
    words.push(wordAt(source, from, at, text));
    expectMore = false;
  }
  close();
  return { fields, open: false };
};

/** A record that begins at `start`; also of one line of patroni.yml. */
export const parseHbaLine = (source: Source, start: number, end: number): HbaRecord | Broken | Word | undefined => {
  const place = placeAt(source, start, end);
  const { fields, open } = fieldsOf(source, start, end);
  if (open) return { place, what: 'a quote that is never closed' };
  const [type, databases, users, ...rest] = fields;
  const [first] = type?.words ?? [];
  if (type === undefined || first === undefined) return undefined;
  if (/^include(_if_exists|_dir)?$/.test(first.text))
    return databases?.words[0] ?? { place, what: 'an include of nothing' };
  if (!TYPES.includes(first.text)) {
    return { place: first, what: `"${first.text}" is no type of connection: ${TYPES.join(', ')}` };
  }
  const address = first.text === 'local' ? undefined : rest[0]?.words[0];
  const hasMask = address !== undefined && isIP(address.text) !== 0 && isIP(rest[1]?.words[0]?.text ?? '') !== 0;
  const [method, ...options] = rest.slice(first.text === 'local' ? 0 : hasMask ? 2 : 1);
  const [methodWord] = method?.words ?? [];
  if (databases === undefined || users === undefined || methodWord === undefined) {
    return { place, what: 'a record is TYPE DATABASE USER [ADDRESS] METHOD, and something is missing' };
  }
  const last = fields.at(-1)?.end ?? end;
  return {
    ...{
      place: placeAt(source, first.start, last),
      type: first,
      databases: databases.words,
      users: users.words,
      address,
    },
    ...{ mask: hasMask ? rest[1]?.words[0] : undefined, method: methodWord },
    options: options.flatMap(({ words }) =>
      words.map((word) => ({ name: word.text.split('=')[0] ?? '', value: word })),
    ),
  };
};

/** Lines as the server joins them: one that ends in a backslash goes on in the next. */
const logicalLines = (text: string): readonly (readonly [start: number, end: number])[] => {
  const lines: [number, number][] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && text[at] !== '\n') continue;
    const goesOn = /\\\r?$/.test(text.slice(start, at)) && at < text.length;
    if (goesOn) continue;
    lines.push([start, at]);
    start = at + 1;
  }
  return lines;
};

export const parseHba = (source: Source): HbaText => {
  const records: HbaRecord[] = [];
  const includes: Word[] = [];
  const broken: Broken[] = [];
  for (const [start, end] of logicalLines(source.text)) {
    const found = parseHbaLine(source, start, end);
    if (found === undefined) continue;
    if ('what' in found) broken.push(found);
    else if ('method' in found) records.push(found);
    else includes.push(found);
  }
  return { records, includes, broken };
};
