import type { Argument, Command, Option } from 'commander';

/** What may stand in a place of the command line, as far as its declaration says. */
export type Values =
  { readonly kind: 'choices'; readonly choices: readonly string[] } | { readonly kind: 'file' | 'folder' | 'other' };

export type OptionNode = {
  readonly long: string;
  readonly short: string | undefined;
  /** As in `<file>`; undefined for a flag that takes no value. */
  readonly placeholder: string | undefined;
  readonly values: Values;
  readonly description: string;
  /** As people are told. */
  readonly fallback: string | undefined;
  readonly variable: string | undefined;
  readonly isMandatory: boolean;
};

export type ArgumentNode = {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
  readonly values: Values;
  readonly description: string;
};

export type CommandNode = {
  /** Empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly usage: string;
  readonly options: readonly OptionNode[];
  readonly arguments: readonly ArgumentNode[];
  readonly commands: readonly CommandNode[];
  /** What its help says below the options. */
  readonly text: string;
};

/** Every command that its help shows, as data. */
export const treeOf = (command: Command, path: readonly string[] = []): CommandNode => {
  const helper = command.createHelp();
  return {
    path,
    description: helper.commandDescription(command),
    usage: helper.commandUsage(command),
    options: helper.visibleOptions(command).map(optionNode),
    arguments: command.registeredArguments.map(argumentNode),
    commands: helper.visibleCommands(command).map((child) => {
      const node = treeOf(child, [...path, child.name()]);
      return command.commands.includes(child) ? node : helpNode(node, command);
    }),
    text: textBelow(command),
  };
};

/** `help` is commander's own; what it helps with are the commands beside it. */
const helpNode = (node: CommandNode, { commands }: Command): CommandNode => ({
  ...node,
  arguments: node.arguments.map((argument) => ({
    ...argument,
    values: { kind: 'choices', choices: commands.map((command) => command.name()) },
  })),
});

/** Itself, and all below it. */
export const flatten = (node: CommandNode): readonly CommandNode[] => [node, ...node.commands.flatMap(flatten)];

const optionNode = (option: Option): OptionNode => {
  const [placeholder] = /[<[].*$/.exec(option.flags) ?? [];
  return {
    ...{ long: option.long ?? '', short: option.short, placeholder },
    values: valuesOf(option.argChoices, placeholder ?? ''),
    description: option.description,
    fallback: fallbackOf(option),
    variable: option.envVar,
    isMandatory: option.mandatory,
  };
};

const argumentNode = (argument: Argument): ArgumentNode => ({
  ...{ name: argument.name(), isRequired: argument.required, isVariadic: argument.variadic },
  values: valuesOf(argument.argChoices, argument.name()),
  description: argument.description,
});

/** The name of a place says what is in it: `<file>`, `<dir>`, `[files...]`. */
const valuesOf = (choices: readonly string[] | undefined, name: string): Values => {
  if (choices !== undefined) return { kind: 'choices', choices };
  if (/^[<[]?(file|files|path)\b/.test(name)) return { kind: 'file' };
  return { kind: /^[<[]?dir\b/.test(name) ? 'folder' : 'other' };
};

const fallbackOf = ({ defaultValue, defaultValueDescription, negate }: Option): string | undefined => {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  if (negate || typeof defaultValue === 'boolean' || defaultValue === undefined || defaultValue === null)
    return undefined;
  if (typeof defaultValue === 'object')
    return Array.isArray(defaultValue) ? defaultValue.join(' ') || undefined : undefined;
  return String(defaultValue as string | number);
};

const textBelow = (command: Command): string => {
  let written = '';
  const output = command.configureOutput();
  command.configureOutput({ ...output, writeOut: (text) => (written += text) });
  command.outputHelp();
  const above = command.helpInformation();
  command.configureOutput(output);
  return written.slice(above.length).replaceAll(/^\n+|\n+$/g, '');
};
