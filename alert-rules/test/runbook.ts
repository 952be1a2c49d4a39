import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block: what its fence says, and what stands in it. */
export type Block = {
  readonly language: string;
  /** What the fence says after the language: versions, who runs it, and where. */
  readonly marks: readonly string[];
  readonly section: string;
  readonly text: string;
  /** What is said before it, since the block before. */
  readonly before: string;
  /** Where its fence begins in the file. */
  readonly line: number;
};

export type Runbook = {
  readonly name: string;
  readonly text: string;
  readonly title: string;
  /** Text by title, in their order; without what stands before the first. */
  readonly sections: ReadonlyMap<string, string>;
  readonly blocks: readonly Block[];
};

export const folder = join(__dirname, '..', 'runbooks');

const FENCE = /^ *```(.*)$/;

/** As prettier leaves it: no fence but of three backticks, no heading but with #. */
export const parseRunbook = (name: string, text: string): Runbook => {
  const sections = new Map<string, string>();
  const blocks: Block[] = [];
  let title = '';
  let section = '';
  let before = '';
  let open: { info: string; line: number; lines: string[] } | undefined;
  text.split('\n').forEach((line, index) => {
    const fence = FENCE.exec(line)?.[1];
    const [, hashes, heading = ''] = open === undefined ? (/^(##?) (.*)$/.exec(line) ?? []) : [];
    if (hashes === '#') title = heading;
    if (hashes === '##') [section, before] = [heading, ''];
    else if (section !== '') sections.set(section, `${sections.get(section) ?? ''}${line}\n`);
    if (fence === undefined && open === undefined) before += `${line}\n`;
    else if (fence === undefined) open?.lines.push(line);
    else if (open === undefined) open = { info: fence, line: index + 1, lines: [] };
    else {
      const [language = '', ...marks] = open.info.split(' ');
      blocks.push({ language, marks, section, text: open.lines.join('\n'), before, line: open.line });
      before = '';
      open = undefined;
    }
  });
  if (open !== undefined) throw new Error(`${name}: the block of line ${open.line} has no end`);
  return { name, text, title, sections, blocks };
};

export const runbookNames = (): readonly string[] => readdirSync(folder).sort();

export const runbooks: readonly Runbook[] = runbookNames().map((file) =>
  parseRunbook(file.replace(/\.md$/, ''), readFileSync(join(folder, file), 'utf8')),
);

/** The text without its blocks, their fences included. */
export const proseOf = (text: string): string => text.replaceAll(/^ *```[^\n]*\n[\s\S]*?^ *```$/gm, '');
