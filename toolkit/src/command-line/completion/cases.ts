import type { Values } from '../tree';
import type { Place } from './places';

/** Lines of a `case`, which bash and zsh write alike: what the operand at each position is. */
export const operandLines = ({ where, operands }: Place): string[] =>
  operands.map(
    ({ position, values }) =>
      `    '${where}:'${position === 'any' ? '*' : `'${position}'`}) operand=${kindOf(values)} ;;`,
  );

/** What the value of each option is. */
export const valueLines = ({ where, valued }: Place): string[] =>
  valued.map(
    ({ names, values }) => `    ${names.map((name) => `'${where}:${name}'`).join(' | ')}) value=${kindOf(values)} ;;`,
  );

const kindOf = (values: Values): string =>
  values.kind === 'choices' ? `'words ${values.choices.join(' ')}'` : `'${values.kind}'`;
