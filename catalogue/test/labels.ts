import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';
import { series, targetLabels } from './promql';

/** Labels that series of an expression may have. `open`: and others. Undefined: it is a number, not series. */
export type Labels = { readonly names: ReadonlySet<string>; readonly open: boolean } | undefined;

export type Inference = { readonly labels: Labels; readonly problems: readonly string[] };

type Recorded = ReadonlyMap<string, readonly string[]>;

const EXPRESSIONS = new Set([
  ...['BinaryExpr', 'AggregateExpr', 'FunctionCall', 'ParenExpr', 'UnaryExpr', 'VectorSelector', 'MatrixSelector'],
  ...['SubqueryExpr', 'OffsetExpr', 'StepInvariantExpr', 'NumberDurationLiteral', 'StringLiteral'],
]);
const SET_OPERATORS = new Set(['and', 'or', 'unless']);
const closed = (names: Iterable<string>): Labels => ({ names: new Set(names), open: false });

/** What a label could be named by in the text of an alert, a legend or a join. */
export const hasLabel = (labels: Labels, name: string): boolean =>
  labels !== undefined && (labels.open || labels.names.has(name));

/** Which labels are left of an expression, and what in it can never match because of labels that are not there. */
export const inferLabels = (expression: string, recorded: Recorded = new Map()): Inference => {
  const problems: string[] = [];
  const text = (node: SyntaxNode | null): string => (node === null ? '' : expression.slice(node.from, node.to));
  const children = (node: SyntaxNode): readonly SyntaxNode[] => {
    const found: SyntaxNode[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
    return found;
  };
  const expressionsIn = (node: SyntaxNode | null): readonly SyntaxNode[] =>
    node === null ? [] : children(node).filter(({ name }) => EXPRESSIONS.has(name));
  const named = (node: SyntaxNode | null): readonly string[] =>
    node === null ? [] : node.getChildren('LabelName').map(text);
  const missing = (names: readonly string[], labels: Labels, what: string): void => {
    for (const name of names) if (!hasLabel(labels, name)) problems.push(`${what} ${name}, which is not there`);
  };

  const ofSelector = (node: SyntaxNode): Labels => {
    const name = text(node.getChild('Identifier'));
    const own = series.get(name)?.labels;
    if (own !== undefined) return closed([...own, ...targetLabels]);
    const kept = recorded.get(name);
    return kept === undefined ? { names: targetLabels, open: name === 'ALERTS' } : closed(kept);
  };

  const ofAggregate = (node: SyntaxNode): Labels => {
    const inner = of(expressionsIn(node.getChild('FunctionCallBody')).at(-1) ?? null);
    const operator = text(node.getChild('AggregateOp'));
    const modifier = node.getChild('AggregateModifier');
    const names = named(modifier?.getChild('GroupingLabels') ?? null);
    if (['topk', 'bottomk', 'limitk'].includes(operator)) return inner;
    if (modifier === null) return closed([]);
    missing(names, inner, `${operator} ${text(modifier).split(' ')[0]}`);
    if (modifier.getChild('By') !== null) return closed(names);
    return inner && { ...inner, names: new Set([...inner.names].filter((name) => !names.includes(name))) };
  };

  const ofCall = (node: SyntaxNode): Labels => {
    const called = text(node.getChild('FunctionIdentifier'));
    const args = expressionsIn(node.getChild('FunctionCallBody'));
    const found = args.map(of).filter((one) => one !== undefined);
    if (called === 'vector') return closed([]);
    if (called.startsWith('absent')) return closed(equalities(args[0]));
    const inner = found.at(-1);
    if (inner === undefined) return undefined;
    if (called === 'label_replace')
      return { ...inner, names: new Set([...inner.names, JSON.parse(text(args[1] ?? null)) as string]) };
    if (called !== 'histogram_quantile') return inner;
    missing(['le'], inner, called);
    return { ...inner, names: new Set([...inner.names].filter((name) => name !== 'le')) };
  };

  /** What absent() makes labels of. */
  const equalities = (node: SyntaxNode | undefined): readonly string[] =>
    (node?.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [])
      .filter((matcher) => text(matcher.getChild('MatchOp')) === '=')
      .flatMap((matcher) => text(matcher.getChild('LabelName')));

  const ofBinary = (node: SyntaxNode): Labels => {
    const [left = null, right = null] = expressionsIn(node);
    const [a, b] = [of(left), of(right)];
    if (a === undefined || b === undefined) return a ?? b;
    const operator = text(children(node)[1] ?? null);
    const clause = node.getChild('MatchingModifierClause');
    const [matched, included] = clause?.getChildren('GroupingLabels') ?? [];
    const names = named(matched ?? null);
    const has = (name: string): boolean => (clause?.getChild(name) ?? null) !== null;
    if (has('On')) for (const side of [a, b]) missing(names, side, `${operator} on`);
    else if (operator !== 'or' && !a.open && !b.open) {
      const rest = (side: NonNullable<Labels>) =>
        [...side.names]
          .filter((name) => !names.includes(name))
          .toSorted()
          .join(', ');
      if (!has('GroupLeft') && !has('GroupRight') && rest(a) !== rest(b))
        problems.push(`${operator}: one side has ${rest(a) || 'no labels'}, the other ${rest(b) || 'no labels'}`);
    }
    if (operator === 'or')
      return { names: new Set([...a.names].filter((name) => hasLabel(b, name))), open: a.open && b.open };
    if (SET_OPERATORS.has(operator)) return a;
    if (has('GroupLeft')) return { ...a, names: new Set([...a.names, ...named(included ?? null)]) };
    if (has('GroupRight')) return { ...b, names: new Set([...b.names, ...named(included ?? null)]) };
    return has('On') ? closed(names) : { ...a, names: new Set([...a.names].filter((name) => !names.includes(name))) };
  };

  function of(node: SyntaxNode | null): Labels {
    switch (node?.name) {
      case 'VectorSelector':
        return ofSelector(node);
      case 'AggregateExpr':
        return ofAggregate(node);
      case 'FunctionCall':
        return ofCall(node);
      case 'BinaryExpr':
        return ofBinary(node);
      case 'NumberDurationLiteral':
      case 'StringLiteral':
      case undefined:
        return undefined;
      default:
        return of(expressionsIn(node)[0] ?? null);
    }
  }

  const labels = of(expressionsIn(parser.parse(expression).topNode)[0] ?? null);
  return { labels, problems };
};
