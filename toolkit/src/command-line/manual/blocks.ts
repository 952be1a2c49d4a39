/** What stands below the options in a command's help, as the manual sets it. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'verbatim'; readonly lines: readonly string[] }
  | { readonly kind: 'statuses'; readonly statuses: readonly Status[] };

export type Status = { readonly code: number; readonly meaning: string };

const STATUS = 'Exit status: ';

/** A help text's lines: what is indented is as it is; the rest are paragraphs, of which one tells the exit statuses. */
export const blocksOf = (text: string): readonly Block[] =>
  text
    .split(/\n{2,}/)
    .flatMap((paragraph) => runsOf(paragraph.split('\n')))
    .flatMap((lines): Block[] => {
      if (lines[0]?.startsWith(' ') === true) return [{ kind: 'verbatim', lines: lines.map((line) => line.slice(2)) }];
      const flowing = lines.join(' ').trim();
      if (flowing === '') return [];
      return flowing.startsWith(STATUS) ? statusesIn(flowing.slice(STATUS.length)) : [{ kind: 'text', text: flowing }];
    });

/** Neighbouring lines that are all indented, or all not. */
const runsOf = (lines: readonly string[]): string[][] =>
  lines.reduce<string[][]>((runs, line) => {
    const last = runs.at(-1);
    if (last?.[0]?.startsWith(' ') !== line.startsWith(' ')) return [...runs, [line]];
    last.push(line);
    return runs;
  }, []);

/** `0 all is well; 1 something is not.` A sentence that follows is one of its own. */
const statusesIn = (text: string): Block[] => {
  const statuses = text.split(/; (?=\d+ )/).map((part): Status => {
    const [, code, meaning = ''] = /^(\d+) (.*)$/.exec(part) ?? [];
    if (code === undefined) throw new Error(`no exit status: ${part}`);
    return { code: Number(code), meaning };
  });
  const last = statuses.at(-1);
  const [meaning = '', more] = last?.meaning.split(/(?<=\.) (.*)/s) ?? [];
  const block: Block = {
    kind: 'statuses',
    statuses: [...statuses.slice(0, -1), { code: last?.code ?? 0, meaning: meaning.replace(/\.$/, '') }],
  };
  return more === undefined ? [block] : [block, { kind: 'text', text: more }];
};
