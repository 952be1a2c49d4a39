import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';
import { metrics } from '../src';

/** What an expression asks of one series. */
export type Selector = {
  readonly name: string;
  /** Labels it matches by. */
  readonly labels: readonly string[];
  /** The functions around it, from the inside out. */
  readonly within: readonly string[];
  readonly range: string | undefined;
};

/** Labels that Prometheus gives to what it scrapes: by its own configuration, or from /api/v1/targets. */
export const targetLabels: ReadonlySet<string> = new Set(['cluster', 'target', 'instance', 'job']);

/** Of Prometheus itself. */
const foreign: ReadonlySet<string> = new Set(['up', 'scrape_duration_seconds', 'ALERTS']);

/** Grafana's variables as something that Prometheus can read. */
export const withoutMacros = (expression: string): string =>
  expression
    .replaceAll(/\$__rate_interval|\$__interval/g, '5m')
    .replaceAll(/\$__range/g, '1h')
    .replaceAll(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, '.+');

const nodesOf = (root: SyntaxNode, name: string): readonly SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  root.cursor().iterate((node) => {
    if (node.name === name) found.push(node.node);
  });
  return found;
};

const parentsOf = (node: SyntaxNode): readonly SyntaxNode[] =>
  node.parent === null ? [] : [node.parent, ...parentsOf(node.parent)];

export const selectorsOf = (expression: string): readonly Selector[] => {
  const text = (node: SyntaxNode | null): string => (node === null ? '' : expression.slice(node.from, node.to));
  return nodesOf(parser.parse(expression).topNode, 'VectorSelector').map((node) => ({
    name: text(node.getChild('Identifier')),
    labels: nodesOf(node, 'LabelName').map(text),
    within: parentsOf(node).flatMap((parent) => {
      const called = parent.getChild('FunctionIdentifier') ?? parent.getChild('AggregateOp');
      return called === null ? [] : [text(called)];
    }),
    range: node.parent?.name === 'MatrixSelector' ? /\[(.*)\]$/.exec(text(node.parent))?.[1] : undefined,
  }));
};

/** Labels that are aggregated by, joined on or matched, wherever in the expression. */
const groupingsOf = (expression: string): readonly string[] =>
  nodesOf(parser.parse(expression).topNode, 'GroupingLabels').flatMap((node) =>
    nodesOf(node, 'LabelName').map((label) => expression.slice(label.from, label.to)),
  );

const suffixes: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Every series name of the catalogue, with its type and its labels. */
export const series: ReadonlyMap<string, { readonly type: string; readonly labels: readonly string[] }> = new Map(
  Object.entries(metrics).flatMap(([name, { type, labels }]) =>
    (suffixes[type] ?? ['']).map((suffix) => [`${name}${suffix}`, { type: suffix === '' ? type : 'counter', labels }]),
  ),
);

const OVER_TIME = new Set(['rate', 'irate', 'increase', 'resets']);

/**
 * What is wrong with an expression: syntax, a name or a label that no exporter emits, a counter without a rate, a rate
 * of what is no counter.
 *
 * @param recorded names of recording rules, with the labels they keep
 * @param added labels that the expression makes itself, by label_replace
 */
export const problemsOf = (
  expression: string,
  recorded: ReadonlyMap<string, readonly string[]> = new Map(),
  added: readonly string[] = [],
): readonly string[] => {
  const plain = withoutMacros(expression);
  const broken = nodesOf(parser.parse(plain).topNode, '⚠').map(({ from }) => `cannot be read at character ${from}`);
  const all = selectorsOf(plain);
  const known = new Set([...targetLabels, ...added]);
  for (const { name } of all)
    for (const label of series.get(name)?.labels ?? recorded.get(name) ?? []) known.add(label);
  const groups = groupingsOf(plain)
    .filter((label) => !known.has(label))
    .map((label) => `no series here has the label ${label}`);
  return [...broken, ...groups, ...all.flatMap((one) => problemsOfSelector(one, recorded))];
};

const problemsOfSelector = (
  { name, labels, within, range }: Selector,
  recorded: ReadonlyMap<string, readonly string[]>,
): readonly string[] => {
  if (foreign.has(name)) return [];
  const found = series.get(name);
  const allowed = found?.labels ?? recorded.get(name);
  if (allowed === undefined) return [`${name} is no metric of ours`];
  const odd = labels
    .filter((label) => !allowed.includes(label) && !targetLabels.has(label))
    .map((label) => `${name} has no label ${label}`);
  const isRate = range !== undefined && OVER_TIME.has(within[0] ?? '');
  if (found?.type === 'counter' && !isRate && within[0] !== 'group') odd.push(`${name} is a counter without a rate`);
  if (found !== undefined && found.type !== 'counter' && isRate) odd.push(`${name} is no counter, and has a rate`);
  return odd;
};
