import { type Candidate, columnsIn } from './candidate';
import { entryBytes } from './size';
import { isWriteTo, type WriteRate } from './writes';

/** What an index costs whoever writes; null is "not known". */
export type WriteTax = {
  /** In the planner's units, per second, as the benefit is. */
  readonly costPerSecond: number;
  readonly entriesPerSecond: number;
  readonly walBytesPerSecond: number;
  /** Share of the table's updates that are heap-only now, and with the index. */
  readonly hotBefore: number | null;
  readonly hotAfter: number | null;
  /** It holds a column that updates set, so those can no longer be heap-only. */
  readonly breaksHot: boolean;
  /** False where the server doesn't count writes: the tax is then not counted in either. */
  readonly known: boolean;
};

const PAGE = 8192;
const CPU_INDEX_TUPLE = 0.005;
/** Of an entry that lands on any leaf page: that page is read, logged whole after a checkpoint, and written again. */
const SCATTERED_PAGE = 0.25;
const ENTRY_WAL_HEADER = 64;

/** What one entry costs: the way down the tree, the log, and a page that is dirty unless entries come in order. */
export const entryCost = (candidate: Candidate): number => {
  const [key] = candidate.keys;
  const column = key?.target.kind === 'column' ? candidate.table.columns.get(key.target.column) : undefined;
  const scatter = 1 - Math.abs(column?.correlation ?? 0);
  const depth = Math.log2(Math.max(2, candidate.table.rows ?? 2));
  return 2 * CPU_INDEX_TUPLE * depth + (2 * entryBytes(candidate)) / PAGE + SCATTERED_PAGE * scatter;
};

export const writeTaxOf = (candidate: Candidate, writes: readonly WriteRate[]): WriteTax => {
  const { table } = candidate;
  const touched = touchedShare(candidate, writes);
  const breaksHot = touched !== null && touched > 0;
  if (table.writes === null) {
    return {
      ...{ costPerSecond: 0, entriesPerSecond: 0, walBytesPerSecond: 0, hotBefore: null, hotAfter: null },
      ...{ breaksHot, known: false },
    };
  }
  const { inserted, updated, hotUpdated } = table.writes;
  const lost = hotUpdated * (touched ?? 0);
  const own = inserted + (updated - hotUpdated) + lost;
  // An update that is no longer heap-only writes an entry to every other index as well.
  const elsewhere = lost * table.indexes.length;
  return {
    costPerSecond: (own + elsewhere) * entryCost(candidate),
    entriesPerSecond: own + elsewhere,
    walBytesPerSecond: (own + elsewhere) * (entryBytes(candidate) + ENTRY_WAL_HEADER),
    hotBefore: updated > 0 ? hotUpdated / updated : null,
    hotAfter: updated > 0 ? (hotUpdated - lost) / updated : null,
    ...{ breaksHot, known: true },
  };
};

/** Share of the table's updates that set a column of the index; null when no update of it was seen. */
const touchedShare = (candidate: Candidate, writes: readonly WriteRate[]): number | null => {
  const columns = columnsIn(candidate);
  const own = writes.filter((one) => one.kind === 'update' && isWriteTo(one, candidate.table));
  const all = own.reduce((sum, { perSecond }) => sum + perSecond, 0);
  if (all === 0) return null;
  const touching = own.filter((update) => update.columns.some((column) => columns.includes(column)));
  return touching.reduce((sum, { perSecond }) => sum + perSecond, 0) / all;
};
