import { type PlanFinding, quoteQualified } from '@submilli/core';
import { allOf, bodyOf, contains, namesOf, type Node, parseText } from '../explain/ast';
import { type PlanNode, walkPlan } from '../explain/plan';
import type { Relation, Relations } from './relations';

export type Around = {
  readonly relations: Relations;
  /** Bytes. */
  readonly workMemory: number;
  readonly hashMemory: number;
  /** Rows that a call really has, where the root of the plan says how many it expects; null if not to be compared. */
  readonly rowsPerCall: number | null;
  /** Blocks that a call really reads, cached or not. */
  readonly blocksPerCall: number;
};

/** A smaller table is read as fast as an index. */
const LARGE_BYTES = 10 * 1024 * 1024;
const SMALL_SHARE = 0.05;
const WHOLE_SHARE = 0.5;
const ESTIMATE_FACTOR = 100;

/** What a plan alone proves to be unwise. */
export const findingsOf = (root: PlanNode, around: Around): readonly PlanFinding[] => {
  const found = [...walkPlan(root)].flatMap((node) => [
    ...scanFindings(node, around),
    ...nestedFindings(node, around),
    ...spillFindings(node, around),
  ]);
  return unique([...found, ...estimateFindings(root, around)]);
};

const relationOf = ({ schema, relation }: PlanNode, { relations }: Around): Relation | undefined =>
  relations.get(`${schema ?? ''}.${relation ?? ''}`);

/**
 * A large table that calls really read as a whole. With their values known they may be planned otherwise: a generic plan
 * can't use a partial index, for one.
 */
const isReadWhole = (relation: Relation | undefined, { blocksPerCall }: Around): relation is Relation =>
  relation !== undefined &&
  relation.bytes >= LARGE_BYTES &&
  relation.rows > 0 &&
  blocksPerCall >= relation.blocks * WHOLE_SHARE;

const nameOf = ({ schema, table }: Relation): string => quoteQualified(schema, table);

const scanFindings = (node: PlanNode, around: Around): PlanFinding[] => {
  const relation = relationOf(node, around);
  if (node.type !== 'Seq Scan' || node.filter === null || !isReadWhole(relation, around)) return [];
  const table = nameOf(relation);
  const wrapped = wrappedColumns(node.filter)
    .filter(({ column }) => relation.indexed.includes(column))
    .map(({ kind, column }): PlanFinding => ({
      kind,
      table,
      detail: `the index on ${column} can’t serve: ${node.filter ?? ''}`,
    }));
  const share = node.rows / relation.rows;
  if (share > SMALL_SHARE) return wrapped;
  const detail = `reads ${Math.round(relation.rows)} rows to find about ${node.rows}: ${node.filter}`;
  return [...wrapped, { kind: 'selective_seq_scan', table, detail }];
};

type Wrapped = { readonly kind: 'function_on_index' | 'cast_on_index'; readonly column: string };

/** Between these an index serves either: they differ in name only. */
const SAME_TO_AN_INDEX = new Set(['text', 'varchar', 'bpchar', 'name']);

/** Columns that a condition compares after a function or a cast: an index on the column itself is of no use then. */
const wrappedColumns = (filter: string): Wrapped[] => {
  return comparisonsIn(filter).flatMap(({ name, lexpr, rexpr }) => {
    if (!/^(=|[<>]=?|~~)$/.test(namesOf(name).at(-1) ?? '')) return [];
    if (contains(lexpr, 'ColumnRef') === contains(rexpr, 'ColumnRef')) return [];
    return wrapping(contains(lexpr, 'ColumnRef') ? lexpr : rexpr);
  });
};

const wrapping = (side: unknown): Wrapped[] => {
  const cast = bodyOf(side, 'TypeCast');
  const column = columnOf(cast?.arg);
  const type = namesOf((cast?.typeName as Node | undefined)?.names).at(-1) ?? '';
  if (column !== undefined) return SAME_TO_AN_INDEX.has(type) ? [] : [{ kind: 'cast_on_index', column }];
  const call = bodyOf(side, 'FuncCall');
  return allOf(call?.args, 'ColumnRef').flatMap((reference): Wrapped[] => {
    const argument = columnOf({ ColumnRef: reference });
    return argument === undefined ? [] : [{ kind: 'function_on_index', column: argument }];
  });
};

const columnOf = (value: unknown): string | undefined => namesOf(bodyOf(value, 'ColumnRef')?.fields).at(-1);

const nestedFindings = (node: PlanNode, around: Around): PlanFinding[] => {
  const [outer, inner] = node.children;
  if (node.type !== 'Nested Loop' || outer === undefined || inner?.type !== 'Seq Scan' || outer.rows <= 1) return [];
  const relation = relationOf(inner, around);
  if (!isReadWhole(relation, around)) return [];
  const detail = `reads all ${Math.round(relation.rows)} rows about ${outer.rows} times`;
  return [{ kind: 'nested_seq_scan', table: nameOf(relation), detail }];
};

const spillFindings = (node: PlanNode, { workMemory, hashMemory }: Around): PlanFinding[] => {
  const bytes = node.rows * node.width;
  const mb = (size: number): string => `${(size / 1024 / 1024).toFixed(1)} MB`;
  if (node.type === 'Sort' && bytes > workMemory) {
    const detail = `sorts about ${mb(bytes)} with a work_mem of ${mb(workMemory)}`;
    return [{ kind: 'sort_spill', table: null, detail }];
  }
  if (node.type === 'Hash' && bytes > hashMemory) {
    const detail = `hashes about ${mb(bytes)}; work_mem × hash_mem_multiplier is ${mb(hashMemory)}`;
    return [{ kind: 'hash_spill', table: null, detail }];
  }
  return [];
};

/** A LIMIT says how many rows there are; what it expected without is not shown. */
const estimateFindings = (root: PlanNode, { rowsPerCall, relations }: Around): PlanFinding[] => {
  if (rowsPerCall === null || root.type === 'Limit' || guesses(root)) return [];
  const [expected, had] = [Math.max(1, root.rows), Math.max(1, rowsPerCall)];
  const factor = Math.max(expected / had, had / expected);
  if (factor < ESTIMATE_FACTOR) return [];
  const tables = [...walkPlan(root)].flatMap(
    (node) => relations.get(`${node.schema ?? ''}.${node.relation ?? ''}`) ?? [],
  );
  const changed = tables.filter(({ rows, modified }) => rows < 0 || modified > rows / 5).map(nameOf);
  const stale = changed.length === 0 ? '' : `; changed much since analyzed: ${[...new Set(changed)].join(', ')}`;
  const detail = `expects ${root.rows} rows, a call has ${rowsPerCall.toPrecision(3)}${stale}`;
  return [{ kind: 'estimate_off', table: changed[0] ?? null, detail }];
};

/** Of a range with parameters a generic plan can only guess how much it leaves: nothing that better statistics change. */
const guesses = (root: PlanNode): boolean =>
  [...walkPlan(root)].some((node) =>
    [node.filter, node.indexCond, node.recheckCond, node.joinFilter].some((condition) =>
      comparisonsIn(condition).some((one) => contains(one, 'ParamRef') && namesOf(one.name).at(-1) !== '='),
    ),
  );

const comparisonsIn = (condition: string | null): readonly Node[] => {
  if (condition === null) return [];
  try {
    return allOf(parseText(`SELECT WHERE ${condition}`), 'A_Expr');
  } catch {
    return [];
  }
};

const unique = (findings: readonly PlanFinding[]): readonly PlanFinding[] => [
  ...new Map(findings.map((finding) => [`${finding.kind} ${finding.table ?? ''}`, finding])).values(),
];
