import { accounts, column, index, orders, table } from '../../test/advisor/tables';
import { bodyOf, parseText } from '../explain/ast';
import { isPlannable, plannableOf } from '../explain/plannable';
import { loadParser } from '../statements/query-type';
import { ddlFor } from './candidate';
import { candidatesFor, usualVariants, variantsOf } from './candidates';
import type { Table } from './model';
import { analyse } from './slots';

beforeAll(loadParser);

const functions = [
  { name: 'lower', immutable: true, types: ['text'] },
  { name: 'date_trunc', immutable: false, types: ['text', 'timestamp with time zone'] },
  { name: 'date_trunc', immutable: true, types: ['text', 'timestamp without time zone'] },
];

const slotsOf = (sql: string, tables: readonly Table[]) => {
  const plannable = plannableOf(sql, { keepLiterals: true });
  if (!isPlannable(plannable)) throw new Error(plannable.detail);
  return analyse(bodyOf(parseText(plannable.sql)[0], 'SelectStmt') ?? {}, tables, ['public']).slots;
};

const prefix = 'public.orders USING btree ';
const forOrders = (sql: string, own = orders): string[] =>
  slotsOf(sql, [own, accounts])
    .filter(({ table: { name } }) => name === 'orders')
    .flatMap((slot) => candidatesFor(slot, functions))
    .map(({ id }) => id.replace(prefix, ''));
const variants = (sql: string, own = orders, options = usualVariants): string[] =>
  slotsOf(sql, [own])
    .flatMap((slot) => candidatesFor(slot, functions).flatMap((one) => variantsOf(one, slot, options)))
    .map(({ id }) => id.replace(prefix, ''));

describe('indexes that could serve a statement', () => {
  it('begin with what is equal, and go on with the order or a range', () => {
    expect(forOrders('SELECT * FROM orders WHERE account_id = $1 ORDER BY created_at DESC LIMIT 10')).toEqual(
      expect.arrayContaining(['(account_id, created_at)', '(account_id)', '(created_at)']),
    );
    expect(forOrders('SELECT * FROM orders WHERE price > $1 AND instrument_id = $2')).toEqual(
      expect.arrayContaining(['(instrument_id, price)', '(instrument_id)', '(price)']),
    );
    expect(forOrders('SELECT * FROM orders WHERE price > $1 AND instrument_id = $2')).not.toContain(
      '(price, instrument_id)',
    );
  });

  it('keep directions that differ, with the nulls where they are wanted', () => {
    const found = forOrders('SELECT * FROM orders ORDER BY account_id, price DESC NULLS LAST LIMIT 5');
    expect(found).toContain('(account_id, price DESC NULLS LAST)');
    expect(forOrders('SELECT * FROM orders ORDER BY account_id DESC, price DESC LIMIT 5')).toContain(
      '(account_id, price)',
    );
  });

  it('come in all orders of two equal columns, so that statements can share one', () => {
    expect(forOrders('SELECT * FROM orders WHERE account_id = $1 AND instrument_id = $2')).toEqual(
      expect.arrayContaining(['(account_id, instrument_id)', '(instrument_id, account_id)']),
    );
  });

  it('are on an expression only if it never changes its mind', () => {
    expect(forOrders('SELECT * FROM orders WHERE lower(status) = $1')).toContain('((lower(status)))');
    expect(forOrders("SELECT * FROM orders WHERE date_trunc('day', created_at) = $1")).toEqual([]);
    expect(forOrders('SELECT * FROM orders WHERE created_at::date = $1')).toEqual([]);
    expect(forOrders('SELECT * FROM orders WHERE quantity * price > $1')).toContain('((quantity * price))');
  });

  it('are not on what has no order, is too wide, is small, or in partitions', () => {
    expect(forOrders('SELECT * FROM orders WHERE document = $1 AND note = $2')).toEqual([]);
    expect(forOrders('SELECT * FROM orders WHERE account_id = $1', { ...orders, rows: 900 })).toEqual([]);
    expect(forOrders('SELECT * FROM orders WHERE account_id = $1', { ...orders, kind: 'partitioned' })).toEqual([]);
  });

  it('are not what an index that is there does already', () => {
    const served = { ...orders, indexes: [index(['account_id', 'created_at'])] };
    const found = forOrders('SELECT * FROM orders WHERE account_id = $1 ORDER BY created_at DESC LIMIT 10', served);
    expect(found).not.toContain('(account_id)');
    expect(found).not.toContain('(account_id, created_at)');
    const broken = { ...orders, indexes: [index(['account_id'], { valid: false })] };
    expect(forOrders('SELECT * FROM orders WHERE account_id = $1', broken)).toContain('(account_id)');
    const partial = { ...orders, indexes: [index(['account_id'], { predicate: "(status = 'open'::text)" })] };
    expect(forOrders('SELECT * FROM orders WHERE account_id = $1', partial)).toContain('(account_id)');
  });

  it('summarise blocks of a huge table that lies in the order of a column', () => {
    const huge = { ...orders, rows: 1e8, pages: 1e6 };
    expect(forOrders('SELECT * FROM orders WHERE created_at > $1', huge)).toContain(
      'public.orders USING brin (created_at)',
    );
    expect(forOrders('SELECT * FROM orders WHERE price > $1', huge)).not.toContain('public.orders USING brin (price)');
  });

  it('include what else is read, if that is narrow and the table is mostly all-visible', () => {
    const sql = 'SELECT price, quantity FROM orders WHERE account_id = $1';
    expect(variants(sql)).toEqual(['(account_id) INCLUDE (price, quantity)']);
    expect(variants(sql, { ...orders, allVisible: 0.5 })).toEqual([]);
    expect(variants('SELECT note FROM orders WHERE account_id = $1')).toEqual([]);
    expect(variants('SELECT * FROM orders WHERE account_id = $1')).toEqual([]);
  });

  it('hold only the rows that are looked for, where the statement itself says which', () => {
    expect(variants("SELECT * FROM orders WHERE account_id = $1 AND status = 'open'")).toContain(
      "(account_id) WHERE status = 'open'",
    );
    expect(variants('SELECT * FROM orders WHERE account_id = $1 AND status = $2')).toEqual([]);
    expect(
      variants("SELECT * FROM orders WHERE account_id = $1 AND status = 'open'", orders, {
        ...usualVariants,
        constantsHold: false,
      }),
    ).toEqual([]);
    expect(variants('SELECT * FROM orders WHERE account_id = $1 AND NOT active')).toContain(
      '(account_id) WHERE NOT active',
    );
    expect(variants('SELECT * FROM orders WHERE replaces = $1')).toContain('(replaces) WHERE replaces IS NOT NULL');
  });
});

describe('the statement that makes an index', () => {
  it('quotes every name, finds one that is free, and says how to undo it', () => {
    const odd = table('Order "x"', [column('select'), column('größe')]);
    const [slot] = slotsOf('SELECT * FROM "Order ""x""" WHERE "select" = $1 AND "größe" = $2', [odd]);
    const candidate = slot === undefined ? undefined : candidatesFor(slot, [])[0];
    if (candidate === undefined) throw new Error('no candidate');
    const { name, create, drop } = ddlFor(candidate, new Set());
    expect(create).toBe(
      `CREATE INDEX CONCURRENTLY IF NOT EXISTS "Order ""x""_größe_select_idx" ON public."Order ""x""" USING btree ("größe", "select");`,
    );
    expect(drop).toBe('DROP INDEX CONCURRENTLY IF EXISTS public."Order ""x""_größe_select_idx";');
    expect(ddlFor(candidate, new Set([name])).name).not.toBe(name);
    const long = { ...candidate, table: { ...odd, name: 'ö'.repeat(60) } };
    expect(Buffer.byteLength(ddlFor(long, new Set()).name)).toBeLessThanOrEqual(63);
  });
});
