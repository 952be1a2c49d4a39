import { type PlanNode, readPlan } from '../explain/plan';
import { loadParser } from '../statements/query-type';
import { type Around, findingsOf } from './findings';
import type { Relation } from './relations';

beforeAll(loadParser);

type Raw = { readonly [key: string]: unknown; readonly Plans?: readonly Raw[] };

const MB = 1024 * 1024;
const node = (type: string, more: Raw = {}): Raw => ({
  ...{ 'Node Type': type, 'Startup Cost': 0, 'Total Cost': 10, 'Plan Rows': 5, 'Plan Width': 8, ...more },
});
const scan = (more: Raw = {}): Raw =>
  node('Seq Scan', { Schema: 'app', 'Relation Name': 'orders', Filter: '(orders.note = $1)', ...more });
const rootOf = (raw: Raw): PlanNode => readPlan([{ Plan: raw }]).root;

const orders: Relation = {
  schema: 'app',
  table: 'orders',
  rows: 1e6,
  bytes: 100 * MB,
  blocks: 12_800,
  modified: 0,
  indexed: ['id', 'email'],
};
const around = (
  relation: Partial<Relation> = {},
  rowsPerCall: number | null = null,
  blocksPerCall = 13_000,
): Around => ({
  relations: new Map([['app.orders', { ...orders, ...relation }]]),
  ...{ workMemory: 4 * MB, hashMemory: 8 * MB, rowsPerCall, blocksPerCall },
});
const kinds = (raw: Raw, given = around()): string[] => findingsOf(rootOf(raw), given).map(({ kind }) => kind);

describe('what a plan proves to be unwise', () => {
  it('is a sequential scan of a large table for a few rows', () => {
    expect(findingsOf(rootOf(scan()), around())).toEqual([
      {
        kind: 'selective_seq_scan',
        table: 'app.orders',
        detail: 'reads 1000000 rows to find about 5: (orders.note = $1)',
      },
    ]);
    expect(kinds(scan(), around({ bytes: MB }))).toEqual([]);
    expect(kinds(scan({ 'Plan Rows': 500_000 }))).toEqual([]);
    expect(kinds(scan({ Filter: undefined }))).toEqual([]);
  });

  it('is nothing of the kind if calls read far less than the table: their own plan is another', () => {
    expect(kinds(scan(), around({}, null, 150))).toEqual([]);
  });

  it('is a large table read once for each row of another', () => {
    const loop = (outer: number): Raw =>
      node('Nested Loop', {
        Plans: [node('Index Scan', { 'Plan Rows': outer }), scan({ Filter: undefined, 'Plan Rows': 1e6 })],
      });
    expect(kinds(loop(50))).toEqual(['nested_seq_scan']);
    expect(kinds(loop(1))).toEqual([]);
  });

  it('is a sort or a hash that has no room', () => {
    const rows = (type: string, count: number): string[] =>
      kinds(node(type, { 'Plan Rows': count, 'Plan Width': 100 }));
    expect([rows('Sort', 100_000), rows('Sort', 1000)]).toEqual([['sort_spill'], []]);
    expect([rows('Hash', 100_000), rows('Hash', 50_000)]).toEqual([['hash_spill'], []]);
  });

  it.each([
    ['(lower(orders.email) = $1)', ['function_on_index']],
    ['((orders.id)::numeric = $1)', ['cast_on_index']],
    ['((orders.email)::text = $1)', []],
    ['(lower(orders.note) = $1)', []],
    ['(orders.email = lower($1))', []],
    ['((orders.id > 3) AND (abs(id) = $1))', ['function_on_index']],
    ['not SQL at all (', []],
  ])('is a condition that an index can’t serve: %s', (filter, expected) => {
    expect(kinds(scan({ Filter: filter, 'Plan Rows': 500_000 }))).toEqual(expected);
  });

  it('is an expectation far from what a call has, unless it had to guess a range or was told by a LIMIT', () => {
    const plan = (condition: string): Raw =>
      node('Index Scan', { ...scan(), 'Index Cond': condition, Filter: undefined });
    expect(kinds(plan('(id = $1)'), around({}, 5000))).toEqual(['estimate_off']);
    expect(kinds(plan('(id = $1)'), around({}, 50))).toEqual([]);
    expect(kinds(plan('(id > $1)'), around({}, 5000))).toEqual([]);
    expect(kinds(node('Limit', { Plans: [plan('(id = $1)')] }), around({}, 5000))).toEqual([]);
    expect(findingsOf(rootOf(plan('(id = $1)')), around({ modified: 9e5 }, 5000))).toMatchObject([
      { table: 'app.orders' },
    ]);
  });
});
