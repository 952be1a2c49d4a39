import { quoteIdentifier } from '@submilli/core';
import { ascending, type Candidate, type CandidateKey, newCandidate, type Predicate } from './candidate';
import { isCovered } from './covers';
import { isImmutable } from './expression';
import { columnsOf, type KnownFunction, type Ordering, type Slot, type Target, targetText, type Term } from './model';

/** Smaller tables are read whole in no time. */
export const LEAST_ROWS = 1000;
const MOST_KEYS = 4;
const MOST_PER_SLOT = 60;
/** Beyond this a key is no key: an entry must fit a third of a page, and long before that costs more than it saves. */
const WIDEST = 200;
const BRIN_BYTES = 1e9;
const BRIN_CORRELATION = 0.95;

/** Indexes that could serve one table of one statement, the likeliest first. Those that are there already are left out. */
export const candidatesFor = (slot: Slot, functions: readonly KnownFunction[]): readonly Candidate[] => {
  if (slot.table.kind === 'partitioned' || (slot.table.rows ?? 0) < LEAST_ROWS) return [];
  const usable = (target: Target): boolean => isUsable(target, slot, functions);
  const ways = [slot.terms, ...slot.alternatives.map((arm) => [...slot.terms.filter(isEqual), ...arm])];
  const lists = ways.flatMap((terms) =>
    keyLists(
      terms.filter(({ target }) => usable(target)),
      slot,
      usable,
    ),
  );
  const found = unique([...lists, ...anchoredPatterns(slot)].map((keys) => newCandidate(slot.table, keys)));
  return [...found, ...blockRanges(slot)].filter((candidate) => !isCovered(candidate)).slice(0, MOST_PER_SLOT);
};

const isEqual = ({ kind }: Term): boolean => kind === 'equal' || kind === 'null';

const unique = (candidates: readonly Candidate[]): Candidate[] => [
  ...new Map(candidates.map((candidate) => [candidate.id, candidate])).values(),
];

const isUsable = (target: Target, { table }: Slot, functions: readonly KnownFunction[]): boolean =>
  isImmutable(target, table, functions) &&
  columnsOf(target).every((name) => {
    const column = table.columns.get(name);
    return column !== undefined && (target.kind === 'expression' || (column.sortable && (column.width ?? 0) <= WIDEST));
  });

type Keys = readonly CandidateKey[];

/** Equality first, then one range or the order. */
const keyLists = (terms: readonly Term[], slot: Slot, usable: (target: Target) => boolean): Keys[] => {
  const of = (...kinds: readonly Term['kind'][]): Target[] =>
    distinct(terms.filter(({ kind }) => kinds.includes(kind)).map(({ target }) => target));
  const [equal, lists, joins, ranges] = [of('equal', 'null'), of('in'), of('join'), of('range')];
  const ordered = orders(slot.order, usable);
  const groups = slot.grouped.length > 0 && slot.grouped.every(usable) ? [distinct(slot.grouped).map(ascending)] : [];
  const best = bySelectivity(equal, slot);
  const heads: Target[][] = [
    ...permutations(best),
    ...joins.flatMap((join) => [
      [...best, join],
      [join, ...best],
    ]),
    ...(joins.length > 1 ? permutations(bySelectivity(joins, slot)) : []),
    ...lists.flatMap((list) => [[...best, list], [list]]),
    ...[...best, ...joins].map((one) => [one]),
    ...pairs([...best, ...lists, ...joins]),
    [],
  ];
  const tails: Keys[] = [
    ...ordered,
    ...ranges.map((range) => [ascending(range)]),
    ...lists.map((list) => [ascending(list)]),
    [],
    ...groups,
    ...ranges.flatMap((range) => joins.map((join) => [ascending(range), ascending(join)])),
  ];
  return heads.flatMap((head) => tails.map((tail) => joined(head, tail))).filter((keys) => keys.length > 0);
};

const distinct = (targets: readonly Target[]): Target[] => [
  ...new Map(targets.map((target) => [targetText(target), target])).values(),
];

/** Those first that leave the fewest rows. */
const bySelectivity = (targets: readonly Target[], { table }: Slot): Target[] => {
  const values = (target: Target): number =>
    Math.max(...columnsOf(target).map((c) => table.columns.get(c)?.distinct ?? 0));
  return [...targets]
    .sort((a, b) => values(b) - values(a) || (targetText(a) < targetText(b) ? -1 : 1))
    .slice(0, MOST_KEYS);
};

/** All orders of up to three, so that statements can share an index; of more, the best one. */
const permutations = (targets: readonly Target[]): Target[][] => {
  if (targets.length > 3) return [[...targets]];
  if (targets.length <= 1) return [[...targets]];
  return targets.flatMap((first, i) => permutations(targets.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));
};

const pairs = (targets: readonly Target[]): Target[][] =>
  targets.slice(0, 6).flatMap((a) => targets.slice(0, 6).flatMap((b) => (a === b ? [] : [[a, b]])));

/** An index is read in both directions, so what is wanted all against the usual order is built in the usual one. */
const orders = (order: readonly Ordering[], usable: (target: Target) => boolean): Keys[] => {
  const end = order.findIndex(({ target }) => !usable(target));
  const keys = order.slice(0, end === -1 ? MOST_KEYS : end).map((key) => ({ ...key, operatorClass: null }));
  if (keys.length === 0) return [];
  const backwards = keys.every(({ descending, nullsFirst }) => descending && nullsFirst);
  return [backwards ? keys.map(({ target }) => ascending(target)) : keys];
};

/** What the head already fixes need not be in the tail. */
const joined = (head: readonly Target[], tail: Keys): Keys => {
  const fixed = new Set(head.map(targetText));
  const more = tail.filter(({ target }) => !fixed.has(targetText(target)));
  return [...distinct(head).map(ascending), ...more].slice(0, MOST_KEYS);
};

/** `LIKE 'abc%'` is a range in the order of bytes. */
const anchoredPatterns = ({ terms }: Slot): Keys[] =>
  terms.flatMap(({ kind, target, operator, constant }) =>
    kind === 'pattern' && operator === '~~' && target.kind === 'column' && /^'[^%_\\]+[%_]/.test(constant ?? '')
      ? [[{ ...ascending(target), operatorClass: 'text_pattern_ops' }]]
      : [],
  );

/** For a huge table that is written in the order of a column: a thousandth of a b-tree's size. */
const blockRanges = ({ table, terms }: Slot): Candidate[] =>
  table.pages * 8192 < BRIN_BYTES
    ? []
    : terms.flatMap(({ kind, target }) => {
        if (kind !== 'range' || target.kind !== 'column') return [];
        const correlation = Math.abs(table.columns.get(target.column)?.correlation ?? 0);
        return correlation < BRIN_CORRELATION ? [] : [newCandidate(table, [ascending(target)], { method: 'brin' })];
      });

export type Variants = {
  /** Constants in the text are what the application always sends, not values of one call. */
  readonly constantsHold: boolean;
  /** Share of all-visible pages from which on an index alone may answer. */
  readonly leastVisible: number;
  readonly mostIncluded: number;
};

export const usualVariants: Variants = { constantsHold: true, leastVisible: 0.8, mostIncluded: 3 };

const WIDEST_INCLUDED = 64;
const MOSTLY_NULL = 0.5;

/** The candidate with what the statement also needs of the table, and as an index of only the rows it looks for. */
export const variantsOf = (candidate: Candidate, slot: Slot, options: Variants = usualVariants): Candidate[] => {
  if (candidate.method !== 'btree') return [];
  const covering = withIncluded(candidate, slot, options);
  const partial = predicatesFor(slot, options).flatMap((predicate) => withPredicate(candidate, predicate));
  return [...covering, ...partial, ...partial.flatMap((one) => withIncluded(one, slot, options))].filter(
    (one) => !isCovered(one),
  );
};

const withIncluded = (candidate: Candidate, { outputs, table }: Slot, options: Variants): Candidate[] => {
  if (outputs === null || table.allVisible < options.leastVisible) return [];
  // The planner reads a column from an index only if it is there by itself, not inside an expression or predicate.
  const keys = new Set(candidate.keys.flatMap(({ target }) => (target.kind === 'column' ? [target.column] : [])));
  const more = [...outputs].filter((column) => !keys.has(column)).sort();
  const width = more.reduce((sum, column) => sum + (table.columns.get(column)?.width ?? WIDEST_INCLUDED + 1), 0);
  if (more.length === 0 || more.length > options.mostIncluded || width > WIDEST_INCLUDED) return [];
  return [newCandidate(table, candidate.keys, { include: more, predicate: candidate.predicate })];
};

/** Conditions that hold in every call: what is written out, and that a rare value is there at all. */
const predicatesFor = ({ terms, table }: Slot, { constantsHold }: Variants): Predicate[] =>
  terms.flatMap(({ kind, target, operator, constant }): Predicate[] => {
    if (target.kind !== 'column') return [];
    const name = quoteIdentifier(target.column);
    const column = table.columns.get(target.column);
    const columns = [target.column];
    if (kind === 'null') return [{ sql: `${name} IS NULL`, columns }];
    const absent = (column?.nullFraction ?? 0) > MOSTLY_NULL;
    if (kind === 'not null' || (absent && (kind === 'equal' || kind === 'join'))) {
      return absent ? [{ sql: `${name} IS NOT NULL`, columns }] : [];
    }
    if (kind !== 'equal' || constant === null || !(constantsHold || /^(true|false)$/i.test(constant))) return [];
    if (/^(true|false)$/i.test(constant)) return [{ sql: /^t/i.test(constant) ? name : `NOT ${name}`, columns }];
    return [{ sql: `${name} ${operator} ${constant}`, columns }];
  });

/** What the predicate fixes to one value need not be a key. */
const withPredicate = (candidate: Candidate, predicate: Predicate): Candidate[] => {
  const fixes = !predicate.sql.endsWith('IS NOT NULL');
  const keys = candidate.keys.filter(({ target }) => !fixes || !predicate.columns.includes(targetText(target)));
  const left = keys.length === 0 ? candidate.keys : keys;
  return [newCandidate(candidate.table, left, { include: candidate.include, predicate })];
};
