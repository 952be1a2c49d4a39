/** A column, and what the statistics say of it; null is "not known". */
export type Column = {
  readonly name: string;
  readonly number: number;
  /** As `format_type` writes it. */
  readonly type: string;
  /** Has a default b-tree operator class, so an index can sort by it. */
  readonly sortable: boolean;
  /** Equal values have equal bytes, so a b-tree can keep them once (deduplication). */
  readonly deduplicates: boolean;
  readonly notNull: boolean;
  /** Of the type, in bytes: 1, 2, 4 or 8. */
  readonly alignment: number;
  readonly width: number | null;
  readonly nullFraction: number | null;
  /** How many different values; already a count, whatever way the statistics keep it. */
  readonly distinct: number | null;
  readonly correlation: number | null;
  /** Share of the rows that hold the most common value. */
  readonly mostCommon: number | null;
};

export type IndexKey = {
  /** A column's name, or the text of an expression. */
  readonly column: string | null;
  readonly expression: string | null;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** The operator class is the default one of its type. */
  readonly defaultClass: boolean;
};

export type ExistingIndex = {
  readonly oid: string;
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  /** It stands for a constraint, or tells rows apart for replication: it can't just be dropped. */
  readonly required: boolean;
  readonly valid: boolean;
  readonly keys: readonly IndexKey[];
  readonly include: readonly string[];
  /** As `pg_get_expr` writes it. */
  readonly predicate: string | null;
  readonly definition: string;
  readonly bytes: number;
  readonly scans: number;
};

/** Rows per second since the statistics began. */
export type WriteRates = {
  readonly inserted: number;
  readonly updated: number;
  /** Of the updated ones, those that touched no index (heap-only tuples). */
  readonly hotUpdated: number;
  readonly deleted: number;
};

export type Table = {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'partitioned' | 'view' | 'materialised view' | 'foreign table';
  /** Null when it was never analysed. */
  readonly rows: number | null;
  readonly pages: number;
  /** Share of the pages that are all-visible. */
  readonly allVisible: number;
  readonly fillfactor: number;
  readonly columns: ReadonlyMap<string, Column>;
  readonly indexes: readonly ExistingIndex[];
  /** Null where the server doesn't count them: on a standby. */
  readonly writes: WriteRates | null;
};

/** A function, as far as it decides whether an index may be built on it. */
export type KnownFunction = { readonly name: string; readonly immutable: boolean; readonly types: readonly string[] };

export type Catalog = {
  readonly tables: readonly Table[];
  readonly functions: readonly KnownFunction[];
};

/** What an index would be on: a column, or an expression over columns of one table. */
export type Target =
  | { readonly kind: 'column'; readonly column: string }
  | {
      readonly kind: 'expression';
      readonly sql: string;
      readonly columns: readonly string[];
      readonly functions: readonly string[];
    };

export type TermKind = 'equal' | 'in' | 'range' | 'null' | 'not null' | 'join' | 'pattern';

/** One condition on one table that an index could serve. */
export type Term = {
  readonly kind: TermKind;
  readonly target: Target;
  /** The operator, as written. */
  readonly operator: string;
  /** The value as SQL, where the statement itself has it written out. */
  readonly constant: string | null;
};

export type Ordering = { readonly target: Target; readonly descending: boolean; readonly nullsFirst: boolean };

/** One table as one statement uses it. A table that it uses twice has two. */
export type Slot = {
  readonly table: Table;
  readonly alias: string;
  /** All of them hold (AND). */
  readonly terms: readonly Term[];
  /** Arms of an OR; each holds together with `terms`. */
  readonly alternatives: readonly (readonly Term[])[];
  /** ORDER BY, as far as it is about this table alone; also the order that min(), max() and DISTINCT ON want. */
  readonly order: readonly Ordering[];
  readonly limited: boolean;
  readonly grouped: readonly Target[];
  /** Columns that the statement needs of it; null when it needs all, or what no index holds (ctid). */
  readonly outputs: ReadonlySet<string> | null;
};

/** Why a statement, or a part of one, yielded no candidate. */
export type Refusal = { readonly reason: string; readonly detail: string };

export const targetText = (target: Target): string => (target.kind === 'column' ? target.column : target.sql);

export const columnsOf = (target: Target): readonly string[] =>
  target.kind === 'column' ? [target.column] : target.columns;
