import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What we use of a node of `EXPLAIN (FORMAT JSON)`. Estimates only: nothing was run. */
export type PlanNode = {
  readonly type: string;
  readonly join: string | null;
  readonly strategy: string | null;
  /** How the node serves the one above: Outer, Inner, InitPlan, SubPlan, Member. */
  readonly relationship: string | null;
  readonly subplan: string | null;
  readonly schema: string | null;
  readonly relation: string | null;
  readonly alias: string | null;
  readonly index: string | null;
  readonly direction: string | null;
  readonly startupCost: number;
  readonly totalCost: number;
  readonly rows: number;
  /** Bytes per row. */
  readonly width: number;
  readonly filter: string | null;
  readonly indexCond: string | null;
  readonly recheckCond: string | null;
  readonly hashCond: string | null;
  readonly mergeCond: string | null;
  readonly joinFilter: string | null;
  readonly sortKey: readonly string[];
  readonly presortedKey: readonly string[];
  readonly groupKey: readonly string[];
  readonly output: readonly string[];
  readonly workersPlanned: number | null;
  readonly subplansRemoved: number | null;
  readonly children: readonly PlanNode[];
};

export type Plan = {
  readonly root: PlanNode;
  readonly totalCost: number;
  /** Equal for plans that do the same in the same order, whatever the estimates. */
  readonly shape: string;
};

const text = z.string().nullish();
const texts = z.array(z.string()).default([]);

const nodeSchema: z.ZodType<PlanNode> = z.lazy(() =>
  z
    .object({
      'Node Type': z.string(),
      'Join Type': text,
      Strategy: text,
      'Parent Relationship': text,
      'Subplan Name': text,
      Schema: text,
      'Relation Name': text,
      Alias: text,
      'Index Name': text,
      'Scan Direction': text,
      'Startup Cost': z.number(),
      'Total Cost': z.number(),
      'Plan Rows': z.number(),
      'Plan Width': z.number(),
      Filter: text,
      'Index Cond': text,
      'Recheck Cond': text,
      'Hash Cond': text,
      'Merge Cond': text,
      'Join Filter': text,
      'Sort Key': texts,
      'Presorted Key': texts,
      'Group Key': texts,
      Output: texts,
      'Workers Planned': z.number().nullish(),
      'Subplans Removed': z.number().nullish(),
      Plans: z.array(nodeSchema).default([]),
    })
    .transform((n): PlanNode => ({
      ...{ type: n['Node Type'], join: n['Join Type'] ?? null, strategy: n.Strategy ?? null },
      ...{ relationship: n['Parent Relationship'] ?? null, subplan: n['Subplan Name'] ?? null },
      ...{ schema: n.Schema ?? null, relation: n['Relation Name'] ?? null, alias: n.Alias ?? null },
      ...{ index: n['Index Name'] ?? null, direction: n['Scan Direction'] ?? null },
      ...{ startupCost: n['Startup Cost'], totalCost: n['Total Cost'], rows: n['Plan Rows'], width: n['Plan Width'] },
      ...{ filter: n.Filter ?? null, indexCond: n['Index Cond'] ?? null, recheckCond: n['Recheck Cond'] ?? null },
      ...{ hashCond: n['Hash Cond'] ?? null, mergeCond: n['Merge Cond'] ?? null },
      ...{ joinFilter: n['Join Filter'] ?? null, sortKey: n['Sort Key'], presortedKey: n['Presorted Key'] },
      ...{ groupKey: n['Group Key'], output: n.Output },
      ...{ workersPlanned: n['Workers Planned'] ?? null, subplansRemoved: n['Subplans Removed'] ?? null },
      children: n.Plans,
    })),
);

const answerSchema = z.tuple([z.object({ Plan: nodeSchema })]);

/** The answer of `EXPLAIN (FORMAT JSON)`, parsed by the driver or still as text. */
export const readPlan = (answer: unknown): Plan => {
  const [{ Plan: root }] = answerSchema.parse(typeof answer === 'string' ? JSON.parse(answer) : answer);
  return { root, totalCost: root.totalCost, shape: shapeHash(root) };
};

/** Every node, parents first. */
export function* walkPlan(node: PlanNode): Generator<PlanNode> {
  yield node;
  for (const child of node.children) yield* walkPlan(child);
}

/** The names of the indexes that a plan uses, each once. */
export const indexesOf = (root: PlanNode): readonly string[] => [
  ...new Set([...walkPlan(root)].flatMap(({ index }) => index ?? [])),
];

export const shapeHash = (root: PlanNode): string =>
  createHash('sha256')
    .update(JSON.stringify(shapeOf(root, false)))
    .digest('hex')
    .slice(0, 16);

/**
 * Nodes, joins, strategies, tables and indexes; no costs and no rows. Below an Append partitions come and go with the
 * calendar, so there tables and indexes have no names, and what is done alike to several counts once.
 */
const shapeOf = (node: PlanNode, nameless: boolean): unknown => {
  const below = nameless || /^(Merge )?Append$/.test(node.type);
  const children = node.children.map((child) => shapeOf(child, below));
  return [
    ...[node.type, node.join, node.strategy, node.relationship, node.direction],
    ...(nameless ? [node.index !== null] : [node.schema, node.relation, node.index]),
    below === nameless ? children : [...new Set(children.map((child) => JSON.stringify(child)))],
  ];
};

/** The plan for people to read, as EXPLAIN prints it. */
export const outline = (root: PlanNode): string => linesOf(root, 0).join('\n');

const linesOf = (node: PlanNode, depth: number): string[] => {
  const pad = ' '.repeat(depth === 0 ? 0 : depth * 6 - 4);
  const below = ' '.repeat(depth * 6 + 2);
  const details: readonly (readonly [string, string | null])[] = [
    ['Index Cond', node.indexCond],
    ['Recheck Cond', node.recheckCond],
    ['Hash Cond', node.hashCond],
    ['Merge Cond', node.mergeCond],
    ['Join Filter', node.joinFilter],
    ['Filter', node.filter],
    ['Sort Key', node.sortKey.length === 0 ? null : node.sortKey.join(', ')],
    ['Group Key', node.groupKey.length === 0 ? null : node.groupKey.join(', ')],
  ];
  return [
    ...(node.subplan === null ? [] : [`${pad}${node.subplan}`]),
    `${pad}${depth === 0 ? '' : '->  '}${titleOf(node)}  (cost=${node.startupCost.toFixed(2)}..${node.totalCost.toFixed(2)} rows=${node.rows} width=${node.width})`,
    ...details.flatMap(([name, detail]) => (detail === null ? [] : [`${below}${name}: ${detail}`])),
    ...node.children.flatMap((child) => linesOf(child, depth + 1)),
  ];
};

const titleOf = ({ type, join, strategy, direction, index, relation, alias }: PlanNode): string => {
  const kind = join === null || join === 'Inner' ? type : `${type} (${join})`;
  const how = strategy === null || strategy === 'Plain' ? '' : ` (${strategy})`;
  const back = direction === 'Backward' ? ' Backward' : '';
  const using = index === null ? '' : ` using ${index}`;
  const on = relation === null ? '' : ` on ${relation}${alias === null || alias === relation ? '' : ` ${alias}`}`;
  return `${kind}${how}${back}${using}${on}`;
};
