import { linesOf, placeAt, wordAt, type Broken, type Source, type Word } from './place';

export type HaproxyLine = { readonly words: readonly Word[]; readonly keyword: string };
export type HaproxySection = {
  readonly kind: string;
  readonly head: HaproxyLine;
  readonly lines: readonly HaproxyLine[];
};
export type HaproxyText = { readonly sections: readonly HaproxySection[]; readonly broken: readonly Broken[] };

const SECTIONS: readonly string[] = [
  ...['global', 'defaults', 'listen', 'frontend', 'backend', 'peers', 'userlist', 'resolvers', 'mailers', 'cache'],
  ...['program', 'http-errors', 'ring', 'fcgi-app', 'crt-store', 'log-forward', 'traces', 'acme'],
];

/** One line in words: \ takes the next character as it is, "…" and '…' hold blanks together, # begins a comment. */
const wordsOf = (
  source: Source,
  start: number,
  end: number,
): { readonly words: readonly Word[]; readonly open: boolean } => {
  const words: Word[] = [];
  let at = start;
  while (at < end) {
    const char = source.text[at] ?? '';
    if (char === '#') break;
    if (/\s/.test(char)) {
      at += 1;
      continue;
    }
    const from = at;
    let text = '';
    let quote = '';
    while (at < end) {
      const one = source.text[at] ?? '';
      if (quote === '' && (/\s/.test(one) || one === '#')) break;
      if (one === '\\' && quote !== "'" && at + 1 < end) {
        text += source.text[at + 1] ?? '';
        at += 2;
        continue;
      }
      if (quote === '' && (one === '"' || one === "'")) quote = one;
      else if (one === quote) quote = '';
      else text += one;
      at += 1;
    }
    if (quote !== '') return { words, open: true };
    words.push(wordAt(source, from, at, text));
  }
  return { words, open: false };
};

export const parseHaproxy = (source: Source): HaproxyText => {
  const sections: { kind: string; head: HaproxyLine; lines: HaproxyLine[] }[] = [];
  const broken: Broken[] = [];
  for (const { text, start } of linesOf(source.text)) {
    const place = placeAt(source, start + text.length - text.trimStart().length, start + text.trimEnd().length);
    const { words, open } = wordsOf(source, start, start + text.length);
    if (open) broken.push({ place, what: 'a quote that is never closed' });
    const [first] = words;
    if (first === undefined) continue;
    const line = { words, keyword: first.text };
    if (SECTIONS.includes(first.text)) sections.push({ kind: first.text, head: line, lines: [] });
    else if (sections.length === 0) broken.push({ place, what: `"${first.text}" before the first section` });
    else sections.at(-1)?.lines.push(line);
  }
  return { sections, broken };
};
