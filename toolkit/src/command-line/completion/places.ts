import { type CommandNode, flatten, type OptionNode, type Values } from '../tree';

/** A command, as a shell's completion sees it: where the line has got to, and what may come next. */
export type Place = {
  /** `backup status`; empty before any command. */
  readonly where: string;
  readonly commands: readonly Candidate[];
  readonly options: readonly Candidate[];
  /** Options that are followed by a value, by all their names. */
  readonly valued: readonly { readonly names: readonly string[]; readonly values: Values }[];
  readonly operands: readonly { readonly position: number | 'any'; readonly values: Values }[];
};

export type Candidate = { readonly name: string; readonly description: string };

export const placesOf = (root: CommandNode): readonly Place[] => flatten(root).map(placeOf);

const placeOf = (node: CommandNode): Place => ({
  where: node.path.join(' '),
  commands: node.commands.map(({ path, description }) => ({ name: path.at(-1) ?? '', description })),
  options: node.options.map(({ long, description }) => ({ name: long, description })),
  valued: node.options
    .filter(({ placeholder }) => placeholder !== undefined)
    .map((option) => ({ names: namesOf(option), values: option.values })),
  operands: node.arguments.map(({ values, isVariadic }, index) => ({
    position: isVariadic ? ('any' as const) : index,
    values,
  })),
});

const namesOf = ({ long, short }: OptionNode): readonly string[] => (short === undefined ? [long] : [long, short]);
