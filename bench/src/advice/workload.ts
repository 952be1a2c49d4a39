import { short } from '@submilli/toolkit';
import type { Client } from 'pg';
import { upTo } from './draw';

/** A statement with how often it is called, and values for one call. Row counts are those of one call. */
export type BenchStatement = {
  readonly id: string;
  readonly text: string;
  readonly perSecond: number;
  readonly rows: number;
  readonly values: (random: () => number) => readonly unknown[];
};

export type BenchWorkload = {
  readonly name: string;
  /** With what it is, for a table's title. */
  readonly title: string;
  readonly schema: readonly string[];
  readonly statements: readonly BenchStatement[];
};

/** Trading: many short reads and writes on tables that have nothing but their primary keys. `size`: 1 is 300,000 orders. */
export const trading = (size: number): BenchWorkload => {
  const orders = Math.round(300_000 * size);
  const accounts = 2000;
  const instruments = 500;
  const statuses = ['open', 'filled', 'cancelled'];
  return {
    name: 'trading',
    title: `trading: 13 short statements, reads and writes, ${short(orders)} orders and twice as many fills`,
    schema: [
      'CREATE TABLE accounts (id int PRIMARY KEY, name text NOT NULL, region text NOT NULL)',
      'CREATE TABLE instruments (id int PRIMARY KEY, symbol text NOT NULL)',
      `CREATE TABLE orders (id int PRIMARY KEY, account_id int NOT NULL, instrument_id int NOT NULL, side text NOT NULL,
         status text NOT NULL, price numeric NOT NULL, quantity int NOT NULL, created_at timestamptz NOT NULL)`,
      `CREATE TABLE fills (id int PRIMARY KEY, order_id int NOT NULL, counterparty_id int NOT NULL, price numeric NOT NULL,
         quantity int NOT NULL, filled_at timestamptz NOT NULL)`,
      `INSERT INTO accounts SELECT n, 'account ' || n, 'region ' || n % 20 FROM generate_series(1::bigint, ${accounts}) n`,
      `INSERT INTO instruments SELECT n, 'S' || n FROM generate_series(1::bigint, ${instruments}) n`,
      `INSERT INTO orders SELECT n, 1 + n * 7919 % ${accounts}, 1 + n * 31 % ${instruments},
         CASE n % 2 WHEN 0 THEN 'buy' ELSE 'sell' END,
         CASE WHEN n % 100 < 3 THEN 'open' WHEN n % 100 < 95 THEN 'filled' ELSE 'cancelled' END,
         10 + n * 17 % 500, 1 + n % 20, timestamptz '2026-01-01' + n * interval '5 seconds'
         FROM generate_series(1::bigint, ${orders}) n`,
      `INSERT INTO fills SELECT n, 1 + n * 104729 % ${orders}, 1 + n * 13 % ${accounts}, 10 + n % 500, 1 + n % 20,
         timestamptz '2026-01-01' + n * interval '3 seconds' FROM generate_series(1::bigint, ${orders * 2}) n`,
      'VACUUM ANALYZE',
    ],
    statements: [
      {
        ...{ id: 'orders of an account', perSecond: 200, rows: 20 },
        text: 'SELECT id, status, price FROM orders WHERE account_id = $1 ORDER BY created_at DESC LIMIT 20',
        values: (random) => [upTo(random, accounts)],
      },
      {
        ...{ id: 'open orders of an instrument', perSecond: 150, rows: 10 },
        text: "SELECT id, side, price, quantity FROM orders WHERE instrument_id = $1 AND status = 'open'",
        values: (random) => [upTo(random, instruments)],
      },
      {
        ...{ id: 'fills of an order', perSecond: 120, rows: 2 },
        text: 'SELECT price, quantity FROM fills WHERE order_id = $1',
        values: (random) => [upTo(random, orders)],
      },
      {
        ...{ id: 'fills with a counterparty', perSecond: 5, rows: 300 },
        text: 'SELECT sum(price * quantity) FROM fills WHERE counterparty_id = $1',
        values: (random) => [upTo(random, accounts)],
      },
      {
        ...{ id: 'latest fills', perSecond: 20, rows: 50 },
        text: 'SELECT id, price FROM fills ORDER BY filled_at DESC LIMIT 50',
        values: () => [],
      },
      {
        ...{ id: 'account and instrument', perSecond: 80, rows: 1 },
        text: 'SELECT count(*) FROM orders WHERE account_id = $1 AND instrument_id = $2',
        values: (random) => [upTo(random, accounts), upTo(random, instruments)],
      },
      {
        ...{ id: 'a day of one status', perSecond: 1, rows: 1 },
        text: 'SELECT count(*), sum(quantity) FROM orders WHERE created_at >= $1 AND created_at < $2 AND status = $3',
        values: (random) => {
          const day = upTo(random, 15);
          return [
            `2026-01-${String(day).padStart(2, '0')}`,
            `2026-01-${String(day + 1).padStart(2, '0')}`,
            statuses[upTo(random, 3) - 1],
          ];
        },
      },
      {
        ...{ id: 'fills of an account', perSecond: 10, rows: 300 },
        text: `SELECT f.price, f.quantity FROM orders o JOIN fills f ON f.order_id = o.id WHERE o.account_id = $1`,
        values: (random) => [upTo(random, accounts)],
      },
      {
        ...{ id: 'accounts of a region', perSecond: 1, rows: 100 },
        text: 'SELECT id, name FROM accounts WHERE region = $1',
        values: (random) => [`region ${upTo(random, 20)}`],
      },
      {
        ...{ id: 'order by key', perSecond: 300, rows: 1 },
        text: 'SELECT * FROM orders WHERE id = $1',
        values: (random) => [upTo(random, orders)],
      },
      {
        ...{ id: 'fill an order', perSecond: 100, rows: 1 },
        text: "UPDATE orders SET status = 'filled', quantity = $1 WHERE id = $2",
        values: (random) => [upTo(random, 20), upTo(random, orders)],
      },
      {
        ...{ id: 'cancel what is open of an account', perSecond: 2, rows: 4 },
        text: "UPDATE orders SET status = 'cancelled' WHERE account_id = $1 AND status = 'open'",
        values: (random) => [upTo(random, accounts)],
      },
      {
        ...{ id: 'new fill', perSecond: 200, rows: 1 },
        text: 'INSERT INTO fills VALUES ($1, $2, $3, $4, $5, $6)',
        values: (random) => [
          -upTo(random, 2_000_000_000),
          upTo(random, orders),
          upTo(random, accounts),
          10,
          1,
          '2026-02-01',
        ],
      },
    ],
  };
};

/** Reports: few long reads over a fact table and its dimensions. `size`: 1 is 600,000 lines. */
export const reporting = (size: number): BenchWorkload => {
  const lines = Math.round(600_000 * size);
  const sales = Math.round(lines / 4);
  const one = (id: string, text: string, values: BenchStatement['values']): BenchStatement => ({
    ...{ id, text, values, perSecond: 0.05, rows: 100 },
  });
  const monthOf = (random: () => number): string => `2025-${String(upTo(random, 11)).padStart(2, '0')}-01`;
  return {
    name: 'reporting',
    title: `reporting: ten long reads over a fact table of ${short(lines)} rows and its dimensions`,
    schema: [
      'CREATE TABLE customer (id int PRIMARY KEY, segment text NOT NULL, nation int NOT NULL, balance numeric NOT NULL)',
      'CREATE TABLE product (id int PRIMARY KEY, brand text NOT NULL, kind text NOT NULL, size int NOT NULL)',
      'CREATE TABLE sale (id int PRIMARY KEY, customer_id int NOT NULL, sold_on date NOT NULL, priority text NOT NULL)',
      `CREATE TABLE line (sale_id int NOT NULL, n int NOT NULL, product_id int NOT NULL, supplier_id int NOT NULL,
         quantity int NOT NULL, price numeric NOT NULL, discount numeric NOT NULL, shipped_on date NOT NULL,
         mode text NOT NULL, note text NOT NULL, PRIMARY KEY (sale_id, n))`,
      `INSERT INTO customer SELECT n, 'segment ' || n % 5, n % 25, n % 9000 FROM generate_series(1::bigint, 15000) n`,
      `INSERT INTO product SELECT n, 'brand ' || n % 25, 'kind ' || n % 150, n % 50 FROM generate_series(1::bigint, 20000) n`,
      `INSERT INTO sale SELECT n, 1 + n * 7919 % 15000, date '2025-01-01' + (n * 31 % 365)::int, 'priority ' || n % 5
         FROM generate_series(1::bigint, ${sales}) n`,
      `INSERT INTO line SELECT 1 + n / 4, n % 4, 1 + n * 104729 % 20000, 1 + n * 13 % 1000, 1 + n % 50, n % 1000, (n % 11) / 100.0,
         date '2025-01-02' + (n / 4 * 31 % 365 + n % 90)::int, 'mode ' || n % 7, repeat('x', 40) FROM generate_series(1::bigint, ${lines - 4}) n`,
      'VACUUM ANALYZE',
    ],
    statements: [
      one(
        'sales of a month by priority',
        'SELECT priority, count(*) FROM sale WHERE sold_on >= $1 AND sold_on < $1::date + 31 GROUP BY priority',
        (r) => [monthOf(r)],
      ),
      one(
        'revenue of a discount in a month',
        'SELECT sum(price * discount) FROM line WHERE shipped_on >= $1 AND shipped_on < $1::date + 31 AND discount = $2 AND quantity < $3',
        (r) => [monthOf(r), 0.05, 10],
      ),
      one('lines of a product', 'SELECT avg(quantity), sum(price) FROM line WHERE product_id = $1', (r) => [
        upTo(r, 20000),
      ]),
      one(
        'brand and size',
        'SELECT p.id, sum(l.price) FROM product p JOIN line l ON l.product_id = p.id WHERE p.brand = $1 AND p.size = $2 GROUP BY p.id',
        (r) => [`brand ${upTo(r, 24)}`, upTo(r, 49)],
      ),
      one(
        'customer’s sales',
        'SELECT s.id, sum(l.price) FROM sale s JOIN line l ON l.sale_id = s.id WHERE s.customer_id = $1 GROUP BY s.id',
        (r) => [upTo(r, 15000)],
      ),
      one(
        'largest unshipped',
        'SELECT s.id, sum(l.price) AS worth FROM customer c JOIN sale s ON s.customer_id = c.id JOIN line l ON l.sale_id = s.id WHERE c.segment = $1 AND s.sold_on < $2 AND l.shipped_on > $2 GROUP BY s.id ORDER BY worth DESC LIMIT 10',
        (r) => [`segment ${upTo(r, 4)}`, monthOf(r)],
      ),
      one('supplier’s late lines', 'SELECT count(*) FROM line WHERE supplier_id = $1 AND shipped_on > $2', (r) => [
        upTo(r, 1000),
        monthOf(r),
      ]),
      one(
        'customers without a sale',
        'SELECT c.nation, count(*) FROM customer c WHERE c.balance > $1 AND NOT EXISTS (SELECT FROM sale s WHERE s.customer_id = c.id) GROUP BY c.nation',
        (r) => [upTo(r, 9000)],
      ),
      one(
        'mode of a week',
        'SELECT mode, count(*) FROM line WHERE shipped_on >= $1 AND shipped_on < $1::date + 7 AND mode = $2 GROUP BY mode',
        (r) => [monthOf(r), `mode ${upTo(r, 6)}`],
      ),
      one(
        'kind in a month',
        'SELECT sum(l.price) FROM line l JOIN product p ON p.id = l.product_id WHERE p.kind = $1 AND l.shipped_on >= $2 AND l.shipped_on < $2::date + 31',
        (r) => [`kind ${upTo(r, 149)}`, monthOf(r)],
      ),
    ],
  };
};

export const load = async (client: Client, { schema }: BenchWorkload): Promise<void> => {
  for (const statement of schema) await client.query(statement);
};
