import fc from 'fast-check';
import { column, index, orders, table } from '../../test/advisor/tables';
import { ascending, newCandidate } from './candidate';
import { covers, isCovered } from './covers';
import { sizeOf } from './size';
import { writeTaxOf } from './write-cost';
import type { WriteRate } from './writes';

const on = (name: string): ReturnType<typeof ascending> => ascending({ kind: 'column', column: name });
const MB = 1e6;

/** TPC-H's lineitem at scale 1: what its indexes really take was measured on PostgreSQL 15. */
const lineitem = table(
  'lineitem',
  [
    column('l_partkey', { distinct: 200_000 }),
    column('l_suppkey', { distinct: 10_000 }),
    column('l_shipmode', { type: 'character(10)', distinct: 7, width: 11, alignment: 4 }),
    column('l_shipdate', { type: 'date', distinct: 2526 }),
    column('l_extendedprice', { type: 'numeric(15,2)', deduplicates: false, distinct: 930_000, width: 8 }),
  ],
  { rows: 6_001_215, pages: 112_000 },
);

describe('the size of an index', () => {
  it.each([
    [['l_partkey'], 45],
    [['l_suppkey'], 42],
    [['l_shipmode'], 42],
    [['l_shipdate'], 43],
  ])('on %s is close to what was measured, as equal keys are kept once', (names, megabytes) => {
    const { expected, high } = sizeOf(newCandidate(lineitem, names.map(on)));
    expect(expected / MB / (megabytes * 1.048576)).toBeGreaterThan(0.88);
    expect(expected / MB / (megabytes * 1.048576)).toBeLessThan(1.12);
    expect(high / expected).toBeGreaterThan(2.5);
  });

  it('is that of every entry where types or included columns forbid that', () => {
    const numeric = sizeOf(newCandidate(lineitem, [on('l_extendedprice')]));
    expect(numeric.low).toBe(numeric.high);
    const included = sizeOf(newCandidate(lineitem, [on('l_partkey')], { include: ['l_shipdate'] }));
    expect(included.low).toBe(included.high);
  });

  it('is a range when it is not known how many values there are', () => {
    const unknown = table('t', [column('a', { distinct: null })]);
    const { low, expected, high } = sizeOf(newCandidate(unknown, [on('a')]));
    expect(low).toBeLessThan(high);
    expect(expected).toBe(high);
  });

  it('grows with rows, and its range is a range', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (rows, distinct) => {
        const sized = (n: number) =>
          sizeOf(newCandidate(table('t', [column('a', { distinct })], { rows: n }), [on('a')]));
        const { low, expected, high } = sized(rows);
        expect(low <= expected && expected <= high).toBe(true);
        expect(sized(rows * 2).high).toBeGreaterThanOrEqual(high);
      }),
    );
  });

  it('is next to nothing for a summary of blocks', () => {
    expect(sizeOf(newCandidate(lineitem, [on('l_shipdate')], { method: 'brin' })).high).toBeLessThan(MB);
  });
});

describe('an index that is there', () => {
  const wanted = newCandidate(orders, [on('account_id'), on('created_at')]);
  it.each([
    ['longer, in the same order', index(['account_id', 'created_at', 'id']), true],
    ['in another order', index(['created_at', 'account_id']), false],
    ['shorter', index(['account_id']), false],
    ['invalid', index(['account_id', 'created_at'], { valid: false }), false],
    ['of another kind', index(['account_id', 'created_at'], { method: 'hash' }), false],
    ['of some rows only', index(['account_id', 'created_at'], { predicate: '(id > 5)' }), false],
  ])('that is %s', (_, there, does) => {
    expect(covers(there, wanted)).toBe(does);
  });

  it('read backwards does as well, but not with one key turned', () => {
    const key = (column: string, descending: boolean) => ({
      ...{ column, expression: null, descending, nullsFirst: descending, defaultClass: true },
    });
    const turned = index([], { keys: [key('account_id', true), key('created_at', true)] });
    const mixed = index([], { keys: [key('account_id', false), key('created_at', true)] });
    expect(covers(turned, wanted)).toBe(true);
    expect(covers(mixed, wanted)).toBe(false);
  });

  it('of the same rows and columns covers what is written another way', () => {
    const partial = newCandidate(orders, [on('id')], { predicate: { sql: "status = 'open'", columns: ['status'] } });
    const there = { ...orders, indexes: [index(['id'], { predicate: "(status = 'open'::text)" })] };
    expect(isCovered({ ...partial, table: there })).toBe(true);
  });
});

describe('what an index costs whoever writes', () => {
  const busy = {
    ...orders,
    writes: { inserted: 100, updated: 50, hotUpdated: 40, deleted: 0 },
    indexes: [index(['id'])],
  };
  const update = (columns: readonly string[], perSecond: number): WriteRate => ({
    ...{ kind: 'update' as const, schema: undefined, table: 'orders', columns, perSecond },
  });

  it('is an entry for each new row and each update that is not heap-only', () => {
    const tax = writeTaxOf(newCandidate(busy, [on('account_id')]), [update(['status'], 50)]);
    expect(tax).toMatchObject({ entriesPerSecond: 110, breaksHot: false, hotBefore: 0.8, hotAfter: 0.8, known: true });
  });

  it('is more where updates set a column of it: then every index gets an entry', () => {
    const tax = writeTaxOf(newCandidate(busy, [on('status')]), [update(['status'], 25), update(['price'], 25)]);
    expect(tax).toMatchObject({ entriesPerSecond: 100 + 10 + 20 + 20, breaksHot: true, hotAfter: 0.4 });
    const included = writeTaxOf(newCandidate(busy, [on('account_id')], { include: ['status'] }), [
      update(['status'], 50),
    ]);
    expect(included.breaksHot).toBe(true);
  });

  it('is not known on a server that does not count writes', () => {
    const tax = writeTaxOf(newCandidate({ ...busy, writes: null }, [on('status')]), []);
    expect(tax).toMatchObject({ known: false, costPerSecond: 0, hotBefore: null });
  });
});
