import {
  type Deadline,
  messageOf,
  type PostgresFacts,
  Problem,
  quoteIdentifier,
  type Row,
  type SqlSession,
} from '@submilli/core';
import { explainGeneric, type Explained } from '../explain/explain';
import type { Plannable } from '../explain/plannable';

/** An index that only the planner sees, and only in our session. */
export type Hypothetical = { readonly oid: string; readonly bytes: number };

/** What asks a server how it would run statements, if it had other indexes. */
export type WhatIf = {
  /** Throws only when the connection is gone or the time is up. */
  readonly create: (definition: string) => Promise<Hypothetical | { readonly error: string }>;
  readonly drop: (oids: readonly string[]) => Promise<void>;
  /** Forgets all of them, also those of an earlier use of the session. */
  readonly reset: () => Promise<void>;
  /** Makes the planner blind to indexes that are there; null where HypoPG is too old for it. */
  readonly hide: ((oids: readonly string[]) => Promise<void>) | null;
  /** Shows all of them again. */
  readonly unhide: (() => Promise<void>) | null;
  /** Indexes on expressions and of a part of the rows may be tried. */
  readonly partial: boolean;
};

/** The advisor's only way to a server. */
export type Planner = {
  readonly explain: (plannable: Plannable, searchPath: string) => Promise<Explained>;
  /** Null where no planner can be asked about indexes that aren't there. */
  readonly whatIf: WhatIf | null;
};

export type PlannerOptions = {
  readonly facts: PostgresFacts;
  /** Use HypoPG where it is installed. */
  readonly hypothetical: boolean;
  /** Also for indexes on expressions and of a part of the rows: HypoPG has crashed servers on those, through views. */
  readonly partial: boolean;
};

/** A planner at the other end of a session that is ours alone. */
export const plannerOf = async (
  session: SqlSession,
  { facts, hypothetical, partial }: PlannerOptions,
  deadline: Deadline,
): Promise<Planner> => {
  const schema = facts.extensions.get('hypopg');
  const explain: Planner['explain'] = (plannable, searchPath) =>
    explainGeneric(session, plannable, facts, deadline, { searchPath });
  if (!hypothetical || schema === undefined) return { explain, whatIf: null };
  const has = await functionsOf(session, schema, deadline);
  const run = (call: string, values: readonly unknown[]): Promise<readonly Row[]> =>
    session.query(call.replaceAll('@', `${quoteIdentifier(schema)}.`), values, deadline);
  const each = (name: string) => async (oids: readonly string[]) => {
    if (oids.length > 0) await run(`SELECT @${name}(o) FROM pg_catalog.unnest($1::oid[]) AS o`, [oids]);
  };
  const whatIf: WhatIf = {
    partial,
    create: async (definition) => {
      try {
        const text = `SELECT i.indexrelid::text AS oid, @hypopg_relation_size(i.indexrelid)::float8 AS bytes
                        FROM @hypopg_create_index($1) AS i`;
        const [row] = await run(text, [`CREATE INDEX ON ${definition}`]);
        return { oid: String(row?.oid), bytes: Number(row?.bytes) };
      } catch (error) {
        if (error instanceof Problem && (error.kind === 'connection' || error.kind === 'timeout')) throw error;
        return { error: error instanceof Problem ? error.what : messageOf(error) };
      }
    },
    drop: each('hypopg_drop_index'),
    reset: async () => void (await run('SELECT @hypopg_reset()', [])),
    hide: has.has('hypopg_hide_index') ? each('hypopg_hide_index') : null,
    unhide: has.has('hypopg_unhide_all_indexes')
      ? async () => void (await run('SELECT @hypopg_unhide_all_indexes()', []))
      : null,
  };
  return { explain, whatIf };
};

const functionsOf = async (session: SqlSession, schema: string, deadline: Deadline): Promise<ReadonlySet<string>> => {
  const text = `SELECT p.proname::text AS name FROM pg_catalog.pg_proc p
                  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                 WHERE n.nspname = $1 AND pg_catalog.starts_with(p.proname::text, 'hypopg_')`;
  const rows = await session.query(text, [schema], deadline);
  return new Set(rows.map(({ name }) => String(name)));
};

/** The id in the name that HypoPG gives: `<13542>btree_orders_account`. */
export const oidOfHypothetical = (indexName: string): string | undefined => /^<(\d+)>/.exec(indexName)?.[1];
