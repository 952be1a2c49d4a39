import { type CommandNode, flatten, type OptionNode } from '../tree';
import { type Block, blocksOf } from './blocks';
import { environmentOf, type Fact, files, introduction, statuses } from './facts';

/** Every command as a Markdown page. */
export const commandsPage = (root: CommandNode): string =>
  [
    '# Commands',
    '',
    'Generated from the declarations in the code by `npm run docs`; a test keeps it current. The same as a manual page:',
    '`man -l docs/submilli.1`.',
    '',
    ...introduction.flatMap((text) => [text, '']),
    '| command | |',
    '| --- | --- |',
    ...told(root).map((node) => `| [\`${node.path.join(' ')}\`](#${anchorOf(node)}) | ${cell(node.description)} |`),
    '',
    ...told(root).flatMap(section),
    '## Exit status',
    '',
    ...facts(statuses),
    '## Environment',
    '',
    ...facts(environmentOf(root)),
    '## Files',
    '',
    ...facts(files),
  ].join('\n');

/** All that do something, and what is said of several together. */
export const told = (root: CommandNode): readonly CommandNode[] =>
  flatten(root).filter(({ path }) => path.length > 0 && path.at(-1) !== 'help');

const anchorOf = ({ path }: CommandNode): string => ['submilli', ...path].join('-');

const section = (node: CommandNode): string[] => [
  `## submilli ${node.path.join(' ')}`,
  '',
  node.description,
  '',
  '```',
  node.usage,
  '```',
  '',
  ...(node.arguments.length === 0
    ? []
    : [
        '| operand | |',
        '| --- | --- |',
        ...node.arguments.map((one) => `| \`${one.name}\` | ${cell(argumentText(one))} |`),
        '',
      ]),
  ...optionTable(node.options.filter(({ long }) => long !== '--help')),
  ...blocksOf(node.text).flatMap(blockLines),
];

/** What an operand is, with what it can be. */
export const argumentText = ({ description, values }: CommandNode['arguments'][number]): string =>
  [description, ...(values.kind === 'choices' ? [`one of ${values.choices.join(', ')}`] : [])].join(': ');

/** What an option is, with what it can be and what it is when it is not given. */
export const optionText = (option: OptionNode): string => {
  const { description, values, fallback, variable, isMandatory } = option;
  const more = [
    ...(isMandatory ? ['required'] : []),
    ...(values.kind === 'choices' ? [`one of ${values.choices.join(', ')}`] : []),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
    ...(variable === undefined ? [] : [`environment: ${variable}`]),
  ];
  return more.length === 0 ? description : `${description} (${more.join('; ')})`;
};

export const flagsOf = ({ short, long, placeholder }: OptionNode): string =>
  `${short === undefined ? '' : `${short}, `}${long}${placeholder === undefined ? '' : ` ${placeholder}`}`;

const optionTable = (options: readonly OptionNode[]): string[] =>
  options.length === 0
    ? []
    : [
        '| option | |',
        '| --- | --- |',
        ...options.map((option) => `| \`${flagsOf(option)}\` | ${cell(optionText(option))} |`),
        '',
      ];

const blockLines = (block: Block): string[] => {
  switch (block.kind) {
    case 'text':
      return [escaped(block.text), ''];
    case 'verbatim':
      return ['```', ...block.lines, '```', ''];
    case 'statuses':
      return [
        '| exit status | |',
        '| --- | --- |',
        ...block.statuses.map(({ code, meaning }) => `| ${code} | ${cell(meaning)} |`),
        '',
      ];
  }
};

const facts = (list: readonly Fact[]): string[] => [
  '| | |',
  '| --- | --- |',
  ...list.map(({ name, meaning }) => `| \`${name}\` | ${cell(meaning)} |`),
  '',
];

/** In a sentence `<` and `*` stand for themselves; what is in backticks is code already. */
const escaped = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(/[<*_]/g, '\\$&')))
    .join('');

const cell = (text: string): string => escaped(text).replaceAll('|', '\\|');
