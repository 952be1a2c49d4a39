import type { Column, ExistingIndex, Table } from '../../src/advisor/model';

/** A column of a million-row table, as its statistics would have it. */
export const column = (name: string, more: Partial<Column> = {}): Column => ({
  ...{ name, number: 1, type: 'integer', sortable: true, deduplicates: true, notNull: true, alignment: 4, width: 4 },
  ...{ nullFraction: 0, distinct: 1000, correlation: 0, mostCommon: null },
  ...more,
});

export const table = (name: string, columns: readonly Column[], more: Partial<Table> = {}): Table => ({
  ...{ oid: name, schema: 'public', name, kind: 'table', rows: 1e6, pages: 10_000, allVisible: 1, fillfactor: 100 },
  columns: new Map(columns.map((one, i) => [one.name, { ...one, number: i + 1 }])),
  indexes: [],
  writes: { inserted: 0, updated: 0, hotUpdated: 0, deleted: 0 },
  ...more,
});

export const index = (columns: readonly string[], more: Partial<ExistingIndex> = {}): ExistingIndex => ({
  ...{ oid: columns.join(), name: `${columns.join('_')}_idx`, method: 'btree', unique: false, required: false },
  ...{ valid: true, include: [], predicate: null, definition: '', bytes: 8192, scans: 0 },
  keys: columns.map((name) => ({
    ...{ column: name, expression: null, descending: false, nullsFirst: false, defaultClass: true },
  })),
  ...more,
});

export const orders = table('orders', [
  column('id', { type: 'bigint', distinct: 1e6, alignment: 8, width: 8 }),
  column('account_id', { distinct: 1000 }),
  column('instrument_id', { distinct: 400 }),
  column('status', { type: 'text', distinct: 4, width: 7, alignment: 4 }),
  column('price', { type: 'numeric(12,4)', deduplicates: false, distinct: 50_000, width: 6 }),
  column('quantity', { distinct: 20 }),
  column('note', { type: 'text', distinct: 1e6, width: 300 }),
  column('document', { type: 'jsonb', sortable: false, deduplicates: false, width: 500 }),
  column('active', { type: 'boolean', distinct: 2, width: 1, alignment: 1 }),
  column('replaces', { type: 'bigint', nullFraction: 0.95, distinct: 5e4, width: 8, alignment: 8, notNull: false }),
  column('created_at', { type: 'timestamp with time zone', distinct: 1e6, correlation: 0.99, width: 8, alignment: 8 }),
]);

export const accounts = table(
  'accounts',
  [column('id', { distinct: 5000 }), column('name', { type: 'text', width: 12 })],
  {
    ...{ rows: 5000, pages: 40 },
    indexes: [index(['id'], { unique: true, required: true })],
  },
);
