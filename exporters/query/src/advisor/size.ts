import type { Candidate } from './candidate';
import { columnsOf, type Column, type Table } from './model';

/** Bytes: from what is likely to what it is at most. */
export type SizeRange = { readonly low: number; readonly expected: number; readonly high: number };

const PAGE = 8192;
/** Of a page, less its header and what a b-tree keeps at its end: leaves are left a tenth empty, those above more. */
const LEAF_ROOM = 8152 - 0.1 * PAGE;
const INNER_ROOM = 8152 * 0.7;
/** Row identities that are kept with one copy of their key, when an index is built. */
const MOST_TOGETHER = 130;
/** A list of row identities ends where a multiple of eight bytes does. */
const PADDING = 4;
/** Three have to fit on a page. */
const LONGEST_ENTRY = 2704;
const TUPLE_HEADER = 8;
const LINE_POINTER = 4;
const TUPLE_ID = 6;
/** Of a column that was never analysed. */
const UNKNOWN_WIDTH = 16;
const UNKNOWN_ROWS = 1000;
const BRIN_PAGES_PER_RANGE = 128;

/**
 * A b-tree of plain keys keeps equal ones once and then six bytes a row (deduplication), which the planner's own estimate
 * of a hypothetical index knows nothing of. `selectivity` is the share of rows that a partial index holds.
 */
export const sizeOf = (candidate: Candidate, selectivity = 1): SizeRange => {
  const { table, keys, include, method } = candidate;
  const rows = Math.max(1, (table.rows ?? UNKNOWN_ROWS) * selectivity);
  if (method === 'brin') return same((table.pages / BRIN_PAGES_PER_RANGE + 3) * (entryBytes(candidate) * 2) + 3 * PAGE);
  const entry = entryBytes(candidate);
  const high = treeBytes(rows * entry, entry);
  const columns = keys.map(({ target }) => columnOf(target, table));
  if (include.length > 0 || !columns.every((column) => column?.deduplicates === true)) return same(high);
  const distinct = distinctOf(candidate, rows);
  const deduplicated = (values: number): number => {
    const copies = Math.min(rows, Math.max(values, rows / MOST_TOGETHER));
    const padding = rows > copies * 1.5 ? PADDING : 0;
    return Math.min(high, treeBytes(TUPLE_ID * rows + copies * (entry + padding), entry));
  };
  if (distinct === null) return { low: deduplicated(1), expected: high, high };
  const low = deduplicated(distinct);
  return { low, expected: low, high };
};

const same = (bytes: number): SizeRange => ({ low: bytes, expected: bytes, high: bytes });

/** Leaves, each with a copy of the next one's first key, what is above them, and the page that says where all begins. */
const treeBytes = (bytes: number, entry: number): number => {
  const key = Math.min(entry, LONGEST_ENTRY);
  const leaves = Math.max(1, Math.ceil(bytes / (LEAF_ROOM - key)));
  let pages = leaves;
  for (let below = leaves; below > 1; pages += below) below = Math.ceil((below * key) / INNER_ROOM);
  return (pages + 1) * PAGE;
};

/** Bytes of one entry on a leaf page, line pointer included. */
export const entryBytes = ({ table, keys, include }: Candidate): number => {
  const columns = [
    ...keys.map(({ target }) => columnOf(target, table)),
    ...include.map((name) => table.columns.get(name)),
  ];
  const width = columns.reduce((at, column) => {
    const alignment = column?.alignment ?? 1;
    return Math.ceil(at / alignment) * alignment + (column?.width ?? UNKNOWN_WIDTH);
  }, 0);
  return TUPLE_HEADER + Math.ceil(width / 8) * 8 + LINE_POINTER;
};

const columnOf = (target: Candidate['keys'][number]['target'], table: Table): Column | undefined =>
  target.kind === 'column' ? table.columns.get(target.column) : undefined;

const distinctOf = ({ table, keys }: Candidate, rows: number): number | null => {
  const counts = keys.flatMap(({ target }) =>
    columnsOf(target).map((name) => table.columns.get(name)?.distinct ?? null),
  );
  if (counts.some((count) => count === null)) return null;
  return Math.min(
    rows,
    counts.reduce((product: number, count) => product * Math.max(1, count ?? 1), 1),
  );
};
