import { setImmediate as pause } from 'node:timers/promises';
import type { Deadline, Row, SqlSession } from '@submilli/core';
import type { z } from 'zod';
import { type Columns, entriesSql, entryRow, markRow, marksSql } from './columns';
import { type Entry, makeCounters } from './entry';

/** Entries by their key, and the mark that each had just before it was read. */
export type Known = { readonly entries: ReadonlyMap<string, Entry>; readonly marks: ReadonlyMap<string, string> };

export type EntriesRead = { readonly entries: readonly Entry[]; readonly marks: ReadonlyMap<string, string> };

/** Rows made into entries at a time, before others get their turn. */
const ROWS_AT_ONCE = 500;
/** Where more statements than this share have changed, all are read: to name them is no cheaper. */
const MOST_NAMED = 0.5;

/**
 * All entries. Most of thousands stand still from one beat to the next, and a row of thirty figures is dear on both
 * sides: so one short mark of each is read first, and then only the entries whose mark is not the one that is known.
 *
 * A mark is older than its entry, never newer: what changes between the two questions is read once more the next time.
 */
export const readEntries = async (
  session: SqlSession,
  { schema, columns, known }: { readonly schema: string; readonly columns: Columns; readonly known: Known | undefined },
  deadline: Deadline,
): Promise<EntriesRead> => {
  const rows = (await session.query(marksSql(schema, columns), [], deadline)) as readonly MarkRow[];
  if (rows[0] !== undefined) markRow.parse(rows[0]);
  const marks = new Map(rows.map(({ key, mark }) => [key, mark]));
  const unchanged = new Map<string, Entry>();
  const changed = new Set<string>();
  for (const { key, queryid, mark } of rows) {
    const entry = known?.marks.get(key) === mark ? known.entries.get(key) : undefined;
    if (entry === undefined) changed.add(queryid);
    else unchanged.set(key, entry);
  }
  if (changed.size === 0) return { entries: [...unchanged.values()], marks };
  const isMost = changed.size > MOST_NAMED * rows.length;
  const read = isMost
    ? await session.query(entriesSql(schema, columns, 'all'), [], deadline)
    : await session.query(entriesSql(schema, columns, 'some'), [[...changed]], deadline);
  const fresh = await entriesOf(read);
  if (isMost) return { entries: fresh, marks };
  for (const entry of fresh) unchanged.delete(entry.key);
  return { entries: [...unchanged.values(), ...fresh], marks };
};

type MarkRow = z.infer<typeof markRow>;

const entriesOf = async (rows: readonly Row[]): Promise<Entry[]> => {
  const entries: Entry[] = [];
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    if (i > 0) await pause();
    // The columns of one answer have one type each: to check all of thousands of rows costs more than the query.
    entryRow.parse(rows[i]);
    for (const row of rows.slice(i, i + ROWS_AT_ONCE)) entries.push(toEntry(row as EntryRow));
  }
  return entries;
};

/** Later columns are missing where the extension has none. */
type EntryRow = z.input<typeof entryRow>;

const toEntry = (row: EntryRow): Entry => ({
  key: row.key,
  database: row.database,
  queryid: row.queryid,
  calls: row.calls,
  total: row.total,
  mean: row.mean,
  deviation: row.deviation,
  planMean: row.planMean,
  planDeviation: row.planDeviation,
  since: row.since ?? null,
  counters: makeCounters(
    (name) => row[name],
    (name) => row[name] ?? null,
  ),
});
