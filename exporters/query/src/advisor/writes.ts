import { bodyOf, type Node, nodesOf, parseText, walk } from '../explain/ast';
import type { Catalog, Table } from './model';
import { bodiesOf } from './scope';
import type { Workload } from './workload';

/** What a statement does to a table, which is named as the statement writes it. */
export type Write = {
  readonly kind: 'insert' | 'update' | 'delete';
  readonly schema: string | undefined;
  readonly table: string;
  /** Those that an update sets. */
  readonly columns: readonly string[];
};

/** What a statement writes, wherever in it. Text that doesn't parse writes nothing that we know of. */
export const writesIn = (text: string): readonly Write[] => {
  try {
    return [...walk(parseText(text))].flatMap(writesOf);
  } catch {
    return [];
  }
};

const writesOf = (node: Node): Write[] => {
  const update = bodyOf(node, 'UpdateStmt');
  if (update !== undefined) return write('update', update.relation, update.targetList);
  const gone = bodyOf(node, 'DeleteStmt');
  if (gone !== undefined) return write('delete', gone.relation);
  const copy = bodyOf(node, 'CopyStmt');
  if (copy?.is_from === true) return write('insert', copy.relation);
  const insert = bodyOf(node, 'InsertStmt');
  if (insert !== undefined) {
    const clause = insert.onConflictClause as Node | undefined;
    // Which of the two an upsert does is not in its text; that it updates is the dearer one to be wrong about.
    const upserts = clause?.action === 'ONCONFLICT_UPDATE';
    return upserts ? write('update', insert.relation, clause?.targetList) : write('insert', insert.relation);
  }
  const merge = bodyOf(node, 'MergeStmt');
  return bodiesOf(merge?.mergeWhenClauses, 'MergeWhenClause').flatMap(({ commandType, targetList }) => {
    if (commandType === 'CMD_UPDATE') return write('update', merge?.relation, targetList);
    return commandType === 'CMD_INSERT' ? write('insert', merge?.relation) : [];
  });
};

const write = (kind: Write['kind'], relation: unknown, targets?: unknown): Write[] => {
  const { relname, schemaname } = (relation ?? {}) as Node;
  if (typeof relname !== 'string') return [];
  const columns = nodesOf(targets).flatMap((target) => {
    const name = bodyOf(target, 'ResTarget')?.name;
    return typeof name === 'string' ? [name] : [];
  });
  return [{ kind, schema: typeof schemaname === 'string' ? schemaname : undefined, table: relname, columns }];
};

/** How often a table is written to in this way: in rows, as far as the statement's own count of rows tells. */
export type WriteRate = Write & { readonly perSecond: number };

export const writeRates = ({ seconds, statements }: Workload): readonly WriteRate[] =>
  seconds <= 0
    ? []
    : statements.flatMap(({ text, calls, rows }) => {
        const writes = writesIn(text);
        // The count is of the outermost write, so where there are several, each is taken for one row.
        const each = writes.length === 1 ? Math.max(rows, 0) : calls;
        return writes.map((one) => ({ ...one, perSecond: each / seconds }));
      });

export const isWriteTo = ({ schema, table }: Write, { schema: own, name }: Table): boolean =>
  table === name && (schema === undefined || schema === own);

/**
 * The catalog with writes of the same window as the reads: what the server counted since its statistics began may be
 * mostly the day on which the table was filled. Only the share of heap-only updates is from there.
 */
export const withRates = (catalog: Catalog, rates: readonly WriteRate[]): Catalog => ({
  ...catalog,
  tables: catalog.tables.map((table): Table => {
    if (table.writes === null) return table;
    const own = rates.filter((rate) => isWriteTo(rate, table));
    const of = (kind: Write['kind']): number =>
      own.filter((rate) => rate.kind === kind).reduce((sum, { perSecond }) => sum + perSecond, 0);
    const { updated, hotUpdated } = table.writes;
    const now = of('update');
    const hot = updated > 0 ? hotUpdated / updated : 0;
    return { ...table, writes: { inserted: of('insert'), updated: now, hotUpdated: now * hot, deleted: of('delete') } };
  }),
});
