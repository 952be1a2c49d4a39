import { setImmediate as pause } from 'node:timers/promises';
import { type Deadline, Problem, type SqlSession } from '@submilli/core';
import { z } from 'zod';
import type { Entry } from './entry';
import { lookAt, withoutText } from './look';
import { loadParser } from './query-type';
import type { StatementsState, TextsRead } from './state';
import type { Look } from './texts';

/** Texts are fetched for at most so many statements at a time, and cut to so many characters. */
const TEXTS_AT_ONCE = 1000;
const TEXT_LENGTH = 20_000;
/** Characters parsed (a few milliseconds' worth) before others get their turn. */
const PARSED_AT_ONCE = 10_000;

const NONE: TextsRead = { looks: new Map(), tookMs: null, failed: false };

/**
 * Looks at the texts of statements not met before. The server reads its whole text file for that, so it happens only
 * then, and not again too soon. If it fails, that costs the texts but not the reading.
 */
export const readTexts = async (
  session: SqlSession,
  schema: string,
  entries: readonly Entry[],
  state: StatementsState,
  deadline: Deadline,
): Promise<TextsRead> => {
  const wanted = unseen(entries, state);
  if (wanted.length === 0 || (state.last?.at ?? 0) < state.textsDueAt) return NONE;
  await loadParser();
  const started = performance.now();
  try {
    const rows = await query(session, schema, wanted, deadline);
    const tookMs = performance.now() - started;
    // Whatever has no text (evicted meanwhile, or the file is damaged) won't have one at the next try either.
    const looks = new Map<string, Look>(wanted.map((queryid) => [queryid, withoutText]));
    for (const [queryid, look] of await lookAtAll(rows)) looks.set(queryid, look);
    return { looks, tookMs, failed: false };
  } catch (error) {
    if (error instanceof Problem && error.kind === 'connection') throw error;
    return { looks: new Map(), tookMs: performance.now() - started, failed: true };
  }
};

/** Statements whose text wasn't looked at yet, those with the most time first. */
const unseen = (entries: readonly Entry[], { texts }: StatementsState): string[] => {
  const seconds = new Map<string, number>();
  for (const { queryid, total } of entries) {
    if (!texts.looks.has(queryid)) seconds.set(queryid, (seconds.get(queryid) ?? 0) + total);
  }
  return [...seconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, TEXTS_AT_ONCE)
    .map(([queryid]) => queryid);
};

const textRow = z.object({ queryid: z.string(), query: z.string().nullable(), is_cut: z.boolean().nullable() });
type TextRow = z.infer<typeof textRow>;

const query = async (
  session: SqlSession,
  schema: string,
  queryids: readonly string[],
  deadline: Deadline,
): Promise<readonly TextRow[]> => {
  const text = `
    SELECT DISTINCT ON (s.queryid) s.queryid::text AS queryid,
           pg_catalog.left(s.query, ${TEXT_LENGTH}) AS query, pg_catalog.length(s.query) > ${TEXT_LENGTH} AS is_cut
      FROM ${schema}.pg_stat_statements(true) s
     WHERE s.queryid = ANY ($1::bigint[])
     ORDER BY s.queryid`;
  return textRow.array().parse(await session.query(text, [queryids], deadline));
};

const lookAtAll = async (rows: readonly TextRow[]): Promise<ReadonlyMap<string, Look>> => {
  const looks = new Map<string, Look>();
  let parsed = 0;
  for (const { queryid, query: text, is_cut } of rows) {
    if (text === null) continue;
    looks.set(queryid, lookAt(text, is_cut === true));
    parsed += text.length;
    if (parsed >= PARSED_AT_ONCE) {
      await pause();
      parsed = 0;
    }
  }
  return looks;
};
