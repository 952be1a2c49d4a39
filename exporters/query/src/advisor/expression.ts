import { deparseSync } from 'pgsql-deparser';
import { allOf, bodyOf, columnNode, namesOf, type Node, targetNode, transform } from '../explain/ast';
import type { KnownFunction, Table, Target } from './model';

/** An expression as an index would hold it, with bare names of columns; and those columns. */
export const expressionText = (node: Node): { readonly sql: string; readonly columns: readonly string[] } => {
  const columns = new Set<string>();
  const bare = transform(node, (inner) => {
    const reference = bodyOf(inner, 'ColumnRef');
    if (reference === undefined) return undefined;
    const name = namesOf(reference.fields).at(-1) ?? '';
    columns.add(name);
    return columnNode(name);
  });
  const select: Node = {
    SelectStmt: { targetList: [targetNode(bare)], limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' },
  };
  const sql = deparseSync(select, { pretty: false });
  return { sql: sql.replace(/^SELECT\s+/, ''), columns: [...columns] };
};

/** What must be immutable: functions by name; casts and operators under names that no function has. */
export const functionsIn = (node: Node): readonly string[] => [
  ...new Set([
    ...allOf(node, 'FuncCall').map(({ funcname }) => namesOf(funcname).at(-1) ?? ''),
    ...allOf(node, 'TypeCast').map(({ typeName }) => `::${namesOf((typeName as Node).names).at(-1) ?? ''}`),
    ...allOf(node, 'A_Expr').map(({ name }) => `operator ${namesOf(name).at(-1) ?? ''}`),
    ...allOf(node, 'SQLValueFunction').map(() => 'now'),
  ]),
];

const STEADY_OPERATORS = new Set(['+', '-', '*', '/', '%', '||', '->', '->>', '#>', '#>>'].map((o) => `operator ${o}`));
const STEADY_CASTS = new Set(['int2', 'int4', 'int8', 'numeric', 'bpchar', 'varchar', 'text'].map((t) => `::${t}`));

/** Whether an index may be built on it: nothing in it depends on a setting, the time or a table. */
export const isImmutable = (target: Target, table: Table, functions: readonly KnownFunction[]): boolean => {
  if (target.kind === 'column') return true;
  const types = target.columns.map((name) => baseOf(table.columns.get(name)?.type ?? ''));
  // Of times, arithmetic and casts depend on the time zone or DateStyle.
  const dated = types.some((type) => /^(time|date|interval)/.test(type));
  return target.functions.every((name) => {
    if (name.startsWith('operator ') || name.startsWith('::')) {
      return !dated && (STEADY_OPERATORS.has(name) || STEADY_CASTS.has(name));
    }
    const named = functions.filter((one) => one.name === name);
    const fitting = named.filter((one) => types.every((type) => one.types.includes(type)));
    const meant = fitting.length > 0 ? fitting : named;
    return meant.length > 0 && meant.every(({ immutable }) => immutable);
  });
};

const baseOf = (type: string): string => type.replace(/\(.*\)/, '').replace(/^character varying$/, 'text');
