import fc from 'fast-check';
import { accounts, orders, table, column } from '../../test/advisor/tables';
import { bodyOf, parseText } from '../explain/ast';
import { isPlannable, plannableOf } from '../explain/plannable';
import { loadParser } from '../statements/query-type';
import { type Slot, targetText } from './model';
import { type Analysis, analyse } from './slots';

beforeAll(loadParser);

const elsewhere = { ...table('orders', [column('id')]), schema: 'archive', oid: 'archive' };
const tables = [orders, accounts, elsewhere, { ...table('book', [column('id')]), kind: 'view' as const }];

const read = (sql: string, path = ['public']): Analysis => {
  const plannable = plannableOf(sql, { keepLiterals: true });
  const text = isPlannable(plannable) ? plannable.sql : sql;
  return analyse(bodyOf(parseText(text)[0], 'SelectStmt') ?? {}, tables, path);
};

/** `a = , b range` of a slot, in a line. */
const termsOf = (slot: Slot | undefined): string =>
  (slot?.terms ?? []).map(({ kind, target }) => `${targetText(target)} ${kind}`).join(', ');
const first = (sql: string): Slot | undefined => read(sql).slots[0];

describe('what a statement asks of a table', () => {
  it.each([
    ['account_id = $1', 'account_id equal'],
    ['$1 = account_id', 'account_id equal'],
    ['orders.account_id = $1 AND price >= $2', 'account_id equal, price range'],
    ['account_id IN ($1, $2)', 'account_id in'],
    ['account_id IN ($1)', 'account_id equal'],
    ['account_id = ANY ($1)', 'account_id in'],
    ['account_id = $1 OR account_id = $2', 'account_id in'],
    ['price BETWEEN $1 AND $2', 'price range'],
    ['(created_at, id) > ($1, $2)', 'created_at range'],
    ['(account_id, instrument_id) = ($1, $2)', 'account_id equal, instrument_id equal'],
    ['replaces IS NULL', 'replaces null'],
    ['active AND NOT active', 'active equal, active equal'],
    ['status LIKE $1', 'status pattern'],
    ['document @> $1', 'document pattern'],
    ['account_id IN (SELECT id FROM accounts WHERE name = $1)', 'account_id join'],
    ['quantity * price > $1', 'quantity * price range'],
    ['account_id = instrument_id', ''],
    ['account_id <> $1 AND NOT (instrument_id = $2)', ''],
    ['random() > $1', ''],
  ])('WHERE %s: %s', (where, terms) => {
    expect(termsOf(first(`SELECT 1 FROM orders WHERE ${where}`))).toBe(terms);
  });

  it('is told apart by the arms of an OR, with what all of them say', () => {
    const slot = first(
      'SELECT 1 FROM orders WHERE (status = $1 AND account_id = $2) OR (status = $1 AND instrument_id > $3)',
    );
    expect(termsOf(slot)).toBe('status equal');
    expect(slot?.alternatives.map((arm) => arm.map(({ target }) => targetText(target)))).toEqual([
      ['status', 'account_id'],
      ['status', 'instrument_id'],
    ]);
  });

  it('is found in joins, subqueries, WITH, set operations and what an outer query lends an inner one', () => {
    const { slots } = read(`
      WITH recent AS (SELECT account_id AS who FROM orders WHERE created_at > $1)
      SELECT a.name FROM accounts a JOIN recent r ON r.who = a.id
       WHERE EXISTS (SELECT 1 FROM orders o WHERE o.account_id = a.id AND o.status = $2)
       UNION ALL SELECT name FROM accounts WHERE id = $3`);
    expect(slots.map((slot) => `${slot.alias}: ${termsOf(slot)}`)).toEqual([
      'orders: created_at range',
      'a: id join, id join',
      'o: account_id join, status equal',
      'accounts: id equal',
    ]);
  });

  it('is the order it wants, by name, number and alias, up to what no index can be on', () => {
    const ordered = (sql: string): string =>
      (first(sql)?.order ?? []).map((o) => `${targetText(o.target)} ${o.descending ? 'desc' : 'asc'}`).join(', ');
    expect(ordered('SELECT id, price FROM orders ORDER BY 2 DESC, id LIMIT 5')).toBe('price desc, id asc');
    expect(ordered('SELECT quantity * price AS value FROM orders ORDER BY value')).toBe('quantity * price asc');
    expect(ordered('SELECT id FROM orders o JOIN accounts a ON a.id = o.account_id ORDER BY o.price, a.name')).toBe(
      'price asc',
    );
    expect(ordered('SELECT DISTINCT ON (account_id) id FROM orders ORDER BY account_id, price DESC')).toBe(
      'account_id asc, price desc',
    );
    expect(ordered('SELECT max(price) FROM orders WHERE account_id = $1')).toBe('price desc');
    expect(first('SELECT id FROM orders ORDER BY price LIMIT 5')?.limited).toBe(true);
    expect(first('SELECT id FROM orders ORDER BY price')?.limited).toBe(false);
  });

  it('is the columns it reads, unless that is all of them or a row’s address', () => {
    expect([...(first('SELECT price FROM orders WHERE account_id = $1 ORDER BY id')?.outputs ?? [])].sort()).toEqual([
      'account_id',
      'id',
      'price',
    ]);
    expect(first('SELECT * FROM orders')?.outputs).toBeNull();
    expect(first('SELECT o FROM orders o')?.outputs).toBeNull();
    expect(first('UPDATE orders SET price = $1 WHERE id = $2')?.outputs).toBeNull();
    expect([...(first('SELECT count(*) FROM orders WHERE status = $1')?.outputs ?? [])]).toEqual(['status']);
  });

  it('is about the table that the role’s search_path finds', () => {
    expect(read('SELECT 1 FROM orders', ['archive', 'public']).slots[0]?.table.schema).toBe('archive');
    expect(read('SELECT 1 FROM archive.orders').slots[0]?.table.schema).toBe('archive');
    expect(read('SELECT 1 FROM orders', ['elsewhere']).notes[0]?.reason).toBe('not_in_search_path');
    expect(read('SELECT 1 FROM nowhere').notes[0]?.reason).toBe('unknown_table');
    expect(read('SELECT 1 FROM book').notes[0]?.reason).toBe('view');
    expect(read('SELECT 1 FROM pg_class').notes).toEqual([]);
  });

  it('says when a function with a changing argument hides a column', () => {
    const { notes } = read('SELECT 1 FROM orders WHERE date_trunc($1, created_at) = $2');
    expect(notes).toMatchObject([{ reason: 'expression_with_parameter' }]);
    expect(notes[0]?.detail).toContain('range over created_at');
  });

  it('has constants only where the text writes them out', () => {
    const [a, b] = first("SELECT 1 FROM orders WHERE status = 'open' AND account_id = $1")?.terms ?? [];
    expect([a?.constant, b?.constant]).toEqual(["'open'", null]);
  });
});

it('survives whatever is thrown at it', () => {
  const pieces = fc.constantFrom(
    ...[
      'SELECT ',
      '1',
      'a',
      'orders',
      ' FROM orders',
      ' FROM accounts o',
      ' JOIN orders USING (id)',
      ' WHERE ',
      'id = $1',
    ],
    ...[
      ' AND ',
      ' OR ',
      ' NOT ',
      '(',
      ')',
      ' IN (1, 2)',
      ' ORDER BY 1',
      ' LIMIT 5',
      ' UNION ',
      ', ',
      '*',
      'orders.*',
      ' AS o',
    ],
    ...[
      ' EXISTS (SELECT 1 FROM orders)',
      ' GROUP BY 1',
      'price + 1',
      ' > ',
      "'x'",
      '--\n',
      '/*',
      '"Ö""',
      '$$',
      ';',
      '\u0001',
    ],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
      const plannable = plannableOf(`SELECT ${parts.join('')}`);
      if (!isPlannable(plannable)) return;
      const { slots } = read(plannable.sql);
      for (const {
        table: { columns },
        terms,
      } of slots) {
        for (const { target } of terms) if (target.kind === 'column') expect(columns.has(target.column)).toBe(true);
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});
