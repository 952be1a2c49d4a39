import { version } from '../../version';
import type { CommandNode, OptionNode } from '../tree';
import { type Block, blocksOf } from './blocks';
import { environmentOf, type Fact, files, introduction, statuses } from './facts';
import { argumentText, flagsOf, optionText, told } from './page';

/** Every command as a manual page: man -l docs/submilli.1 */
export const manualPage = (root: CommandNode): string =>
  [
    '.\\" Generated from the declarations in the code by `npm run docs`; a test keeps it current.',
    `.TH SUBMILLI 1 "" "submilli ${version}" "User Commands"`,
    '.SH NAME',
    `submilli \\- ${roff(root.description.replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    '.B submilli',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    ...introduction.flatMap((text) => ['.PP', line(text)]),
    '.SH COMMANDS',
    ...told(root).flatMap(section),
    '.SH EXIT STATUS',
    ...facts(statuses),
    '.SH ENVIRONMENT',
    ...facts(environmentOf(root)),
    '.SH FILES',
    ...facts(files),
    '.SH SEE ALSO',
    '.BR pgbench (1),',
    '.BR pgbackrest (1),',
    '.BR patroni (1),',
    '.BR pgbouncer (1),',
    '.BR promtool (1)',
    '',
  ].join('\n');

const section = (node: CommandNode): string[] => [
  `.SS submilli ${roff(node.path.join(' '))}`,
  line(node.description),
  '.PP',
  `.B ${roff(node.usage)}`,
  ...node.arguments.flatMap((one) => ['.TP', `.I ${roff(one.name)}`, line(argumentText(one))]),
  ...node.options.filter(({ long }) => long !== '--help').flatMap(optionLines),
  ...blocksOf(node.text).flatMap(blockLines),
];

const optionLines = (option: OptionNode): string[] => ['.TP', `.B ${roff(flagsOf(option))}`, line(optionText(option))];

const blockLines = (block: Block): string[] => {
  switch (block.kind) {
    case 'text':
      return ['.PP', line(block.text)];
    case 'verbatim':
      return ['.PP', '.RS 4', '.nf', ...block.lines.map(line), '.fi', '.RE'];
    case 'statuses':
      return [
        '.PP',
        'Exit status:',
        ...block.statuses.flatMap(({ code, meaning }) => ['.TP', `.B ${code}`, line(meaning)]),
      ];
  }
};

const facts = (list: readonly Fact[]): string[] =>
  list.flatMap(({ name, meaning }) => ['.TP', `.B ${roff(name)}`, line(meaning)]);

/** As it is to be read: a backslash, and the signs that roff would set as typographic ones. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq');

/** A line that begins with a dot would be a request. */
const line = (text: string): string => roff(text).replace(/^\./, '\\&.');
