import { short } from '@submilli/toolkit';
import { drawn, upTo } from './draw';
import type { BenchStatement, BenchWorkload } from './workload';

/** Once an hour each. */
const PER_SECOND = 1 / 3600;

const one = (id: string, text: string, values: BenchStatement['values']): BenchStatement => ({
  ...{ id, text, values, perSecond: PER_SECOND, rows: 100 },
});

const firstOf = (month: number): string =>
  `${2019 + Math.floor(month / 12)}-${String(1 + (month % 12)).padStart(2, '0')}-01`;
const monthOf = (random: () => number): string => firstOf(upTo(random, 70) - 1);

const SUPPLIERS = 400;
const kinds = ['economy', 'standard', 'promo', 'medium', 'large', 'small'];
const metals = ['tin', 'nickel', 'brass', 'steel', 'copper'];
const kindOf = (n: number): string => `${kinds[n % 6] ?? ''} ${metals[Math.floor(n / 6) % 5] ?? ''}`;

/**
 * In the manner of TPC-H, with data and texts of our own: eight tables with their primary keys, twenty-one long questions to them,
 * with the same difficulties (ranges of dates, correlated subqueries, EXISTS, anti-joins, joins of many tables). `size`: 1 is
 * 160,000 lines.
 */
export const warehouse = (size: number): BenchWorkload => {
  const purchases = Math.round(40_000 * size);
  const clients = Math.round(4000 * size);
  const items = Math.round(8000 * size);
  const kindSql = (key: string): string =>
    `(ARRAY['${kinds.join("','")}'])[1 + ${drawn(key, 11, 6)}] || ' ' || (ARRAY['${metals.join("','")}'])[1 + ${drawn(key, 12, 5)}]`;
  return {
    name: 'TPC-H-like',
    title: `TPC-H-like: 21 long questions to eight tables, ${short(4 * purchases)} lines of ${short(purchases)} purchases`,
    schema: [
      'CREATE TABLE area (id int PRIMARY KEY, name text NOT NULL)',
      'CREATE TABLE country (id int PRIMARY KEY, area_id int NOT NULL, name text NOT NULL)',
      'CREATE TABLE supplier (id int PRIMARY KEY, country_id int NOT NULL, name text NOT NULL, balance numeric NOT NULL)',
      `CREATE TABLE item (id int PRIMARY KEY, brand text NOT NULL, kind text NOT NULL, size int NOT NULL,
         container text NOT NULL, price numeric NOT NULL)`,
      `CREATE TABLE stock (item_id int NOT NULL, supplier_id int NOT NULL, available int NOT NULL, cost numeric NOT NULL,
         PRIMARY KEY (item_id, supplier_id))`,
      `CREATE TABLE client (id int PRIMARY KEY, country_id int NOT NULL, segment text NOT NULL, phone_code int NOT NULL,
         balance numeric NOT NULL, name text NOT NULL)`,
      `CREATE TABLE purchase (id int PRIMARY KEY, client_id int NOT NULL, status text NOT NULL, total numeric NOT NULL,
         ordered_on date NOT NULL, priority int NOT NULL)`,
      `CREATE TABLE purchase_line (purchase_id int NOT NULL, n int NOT NULL, item_id int NOT NULL, supplier_id int NOT NULL,
         quantity int NOT NULL, price numeric NOT NULL, discount numeric NOT NULL, returned text NOT NULL,
         shipped_on date NOT NULL, promised_on date NOT NULL, received_on date NOT NULL, mode text NOT NULL,
         note text NOT NULL, PRIMARY KEY (purchase_id, n))`,
      `INSERT INTO area SELECT n, 'area ' || n FROM generate_series(1, 5) n`,
      `INSERT INTO country SELECT n, 1 + n % 5, 'country ' || n FROM generate_series(1, 25) n`,
      `INSERT INTO supplier SELECT n, 1 + ${drawn('n', 1, 25)}, 'supplier ' || n, ${drawn('n', 2, 10_000)}
         FROM generate_series(1, ${SUPPLIERS}) n`,
      `INSERT INTO item SELECT n, 'brand ' || 1 + ${drawn('n', 10, 25)}, ${kindSql('n')}, 1 + ${drawn('n', 13, 50)},
         'container ' || 1 + ${drawn('n', 14, 40)}, 900 + n % 1000 FROM generate_series(1, ${items}) n`,
      `INSERT INTO stock SELECT n, 1 + (n + k * ${SUPPLIERS / 4}) % ${SUPPLIERS}, ${drawn('n * 4 + k', 20, 10_000)},
         1 + ${drawn('n * 4 + k', 21, 1000)} FROM generate_series(1, ${items}) n, generate_series(0, 3) k`,
      `INSERT INTO client SELECT n, 1 + ${drawn('n', 30, 25)}, 'segment ' || 1 + ${drawn('n', 31, 5)}, 10 + ${drawn('n', 32, 25)},
         ${drawn('n', 33, 11_000)} - 1000, 'client ' || n FROM generate_series(1, ${clients}) n`,
      // A third of the clients has never bought anything.
      `INSERT INTO purchase SELECT n, 1 + 3 * (${drawn('n', 40, clients)} / 3) + ${drawn('n', 41, 2)},
         CASE WHEN ${drawn('n', 42, 100)} < 48 THEN 'open' ELSE 'done' END, 1000 + ${drawn('n', 43, 400_000)},
         date '2019-01-01' + ${drawn('n', 44, 2190)}, 1 + ${drawn('n', 45, 5)} FROM generate_series(1, ${purchases}) n`,
      `INSERT INTO purchase_line SELECT p.id, k, item, 1 + (item + ${drawn('p.id * 4 + k', 50, 4)} * ${SUPPLIERS / 4}) % ${SUPPLIERS},
         1 + ${drawn('p.id * 4 + k', 51, 50)}, 900 + ${drawn('p.id * 4 + k', 52, 90_000)}, ${drawn('p.id * 4 + k', 53, 11)} / 100.0,
         (ARRAY['no', 'no', 'yes', 'asked'])[1 + ${drawn('p.id * 4 + k', 54, 4)}], shipped, p.ordered_on + 30 + ${drawn('p.id * 4 + k', 55, 60)},
         shipped + 1 + ${drawn('p.id * 4 + k', 56, 30)}, 'mode ' || 1 + ${drawn('p.id * 4 + k', 57, 7)}, repeat('x', 30)
         FROM purchase p, generate_series(0, 3) k, LATERAL (SELECT 1 + ${drawn('p.id * 4 + k', 58, items)} AS item,
         p.ordered_on + 1 + ${drawn('p.id * 4 + k', 59, 120)} AS shipped) drawn`,
      'VACUUM ANALYZE',
    ],
    statements: [...aboutLines, ...aboutItems, ...aboutPeople(clients)],
  };
};

const aboutLines: readonly BenchStatement[] = [
  one(
    'prices of what was shipped',
    `SELECT returned, count(*), sum(quantity), sum(price), sum(price * (1 - discount)), avg(discount) FROM purchase_line
       WHERE shipped_on <= $1 GROUP BY returned ORDER BY returned`,
    (r) => [firstOf(60 + upTo(r, 10))],
  ),
  one(
    'dearest unshipped',
    `SELECT l.purchase_id, sum(l.price * (1 - l.discount)) AS worth, p.ordered_on, p.priority FROM client c
       JOIN purchase p ON p.client_id = c.id JOIN purchase_line l ON l.purchase_id = p.id
       WHERE c.segment = $1 AND p.ordered_on < $2 AND l.shipped_on > $2 GROUP BY 1, 3, 4 ORDER BY worth DESC, 3 LIMIT 10`,
    (r) => [`segment ${upTo(r, 5)}`, monthOf(r)],
  ),
  one(
    'late purchases by priority',
    `SELECT priority, count(*) FROM purchase p WHERE ordered_on >= $1::date AND ordered_on < $1::date + 90 AND EXISTS
       (SELECT FROM purchase_line l WHERE l.purchase_id = p.id AND l.promised_on < l.received_on) GROUP BY 1 ORDER BY 1`,
    (r) => [monthOf(r)],
  ),
  one(
    'revenue within an area',
    `SELECT k.name, sum(l.price * (1 - l.discount)) AS revenue FROM client c JOIN purchase p ON p.client_id = c.id
       JOIN purchase_line l ON l.purchase_id = p.id JOIN supplier s ON s.id = l.supplier_id AND s.country_id = c.country_id
       JOIN country k ON k.id = s.country_id JOIN area a ON a.id = k.area_id
       WHERE a.name = $1 AND p.ordered_on >= $2::date AND p.ordered_on < $2::date + 365 GROUP BY 1 ORDER BY 2 DESC`,
    (r) => [`area ${upTo(r, 5)}`, firstOf(12 * upTo(r, 4))],
  ),
  one(
    'what a discount costs',
    `SELECT sum(price * discount) FROM purchase_line WHERE shipped_on >= $1::date AND shipped_on < $1::date + 365
       AND discount BETWEEN $2 AND $3 AND quantity < $4`,
    (r) => [firstOf(12 * upTo(r, 4)), 0.05, 0.07, 23 + upTo(r, 2)],
  ),
  one(
    'trade between two countries',
    `SELECT s.country_id, c.country_id, extract(year FROM l.shipped_on), sum(l.price * (1 - l.discount)) FROM supplier s
       JOIN purchase_line l ON l.supplier_id = s.id JOIN purchase p ON p.id = l.purchase_id JOIN client c ON c.id = p.client_id
       WHERE s.country_id = $1 AND c.country_id = $2 AND l.shipped_on BETWEEN $3 AND $4 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    (r) => [upTo(r, 25), upTo(r, 25), '2021-01-01', '2022-12-31'],
  ),
  one(
    'late lines by mode',
    `SELECT l.mode, count(*) FILTER (WHERE p.priority < 3), count(*) FILTER (WHERE p.priority >= 3) FROM purchase p
       JOIN purchase_line l ON l.purchase_id = p.id WHERE l.mode IN ($1, $2) AND l.promised_on < l.received_on
       AND l.shipped_on < l.promised_on AND l.received_on >= $3::date AND l.received_on < $3::date + 365 GROUP BY 1`,
    (r) => [`mode ${upTo(r, 3)}`, `mode ${3 + upTo(r, 4)}`, firstOf(12 * upTo(r, 4))],
  ),
  one(
    'large purchases',
    `SELECT c.name, p.id, p.ordered_on, p.total, sum(l.quantity) FROM client c JOIN purchase p ON p.client_id = c.id
       JOIN purchase_line l ON l.purchase_id = p.id WHERE p.id IN (SELECT purchase_id FROM purchase_line
       GROUP BY purchase_id HAVING sum(quantity) > $1) GROUP BY 1, 2, 3, 4 ORDER BY p.total DESC, 3 LIMIT 100`,
    (r) => [178 + upTo(r, 4)],
  ),
];

const aboutItems: readonly BenchStatement[] = [
  one(
    'cheapest supplier of an item',
    `SELECT s.balance, s.name, k.name, i.id FROM item i JOIN stock t ON t.item_id = i.id JOIN supplier s ON s.id = t.supplier_id
       JOIN country k ON k.id = s.country_id JOIN area a ON a.id = k.area_id WHERE i.size = $1 AND i.kind LIKE $2 AND a.name = $3
       AND t.cost = (SELECT min(t2.cost) FROM stock t2 JOIN supplier s2 ON s2.id = t2.supplier_id
       JOIN country k2 ON k2.id = s2.country_id JOIN area a2 ON a2.id = k2.area_id WHERE t2.item_id = i.id AND a2.name = $3)
       ORDER BY s.balance DESC, 3, 2, 4 LIMIT 100`,
    (r) => [upTo(r, 50), `%${metals[upTo(r, 5) - 1] ?? ''}`, `area ${upTo(r, 5)}`],
  ),
  one(
    'share of a market',
    `SELECT extract(year FROM p.ordered_on), sum(l.price) FILTER (WHERE s.country_id = $1) / sum(l.price) FROM item i
       JOIN purchase_line l ON l.item_id = i.id JOIN supplier s ON s.id = l.supplier_id JOIN purchase p ON p.id = l.purchase_id
       JOIN client c ON c.id = p.client_id JOIN country k ON k.id = c.country_id
       WHERE k.area_id = $2 AND p.ordered_on BETWEEN $3 AND $4 AND i.kind = $5 GROUP BY 1 ORDER BY 1`,
    (r) => [upTo(r, 25), upTo(r, 5), '2021-01-01', '2022-12-31', kindOf(upTo(r, 30))],
  ),
  one(
    'profit by country and year',
    `SELECT k.name, extract(year FROM p.ordered_on), sum(l.price * (1 - l.discount) - t.cost * l.quantity) FROM item i
       JOIN purchase_line l ON l.item_id = i.id JOIN stock t ON t.item_id = l.item_id AND t.supplier_id = l.supplier_id
       JOIN supplier s ON s.id = l.supplier_id JOIN purchase p ON p.id = l.purchase_id JOIN country k ON k.id = s.country_id
       WHERE i.kind LIKE $1 GROUP BY 1, 2 ORDER BY 1, 2 DESC`,
    (r) => [`%${metals[upTo(r, 5) - 1] ?? ''}`],
  ),
  one(
    'stock of a country',
    `SELECT t.item_id, sum(t.cost * t.available) AS worth FROM stock t JOIN supplier s ON s.id = t.supplier_id
       WHERE s.country_id = $1 GROUP BY 1 HAVING sum(t.cost * t.available) > (SELECT 0.001 * sum(t2.cost * t2.available)
       FROM stock t2 JOIN supplier s2 ON s2.id = t2.supplier_id WHERE s2.country_id = $1) ORDER BY 2 DESC`,
    (r) => [upTo(r, 25)],
  ),
  one(
    'share of promotions in a month',
    `SELECT 100 * sum(l.price) FILTER (WHERE i.kind LIKE 'promo%') / sum(l.price) FROM purchase_line l
       JOIN item i ON i.id = l.item_id WHERE l.shipped_on >= $1::date AND l.shipped_on < $1::date + 30`,
    (r) => [monthOf(r)],
  ),
  one(
    'suppliers by kind',
    `SELECT i.brand, i.kind, i.size, count(DISTINCT t.supplier_id) FROM stock t JOIN item i ON i.id = t.item_id
       WHERE i.brand <> $1 AND i.kind NOT LIKE $2 AND i.size = ANY ($3::int[]) AND t.supplier_id NOT IN
       (SELECT id FROM supplier WHERE balance < $4) GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`,
    (r) => [`brand ${upTo(r, 25)}`, 'medium%', [3, 9, 14, 19, 23, 36, 45, 49].map((n) => n + upTo(r, 2) - 1), 100],
  ),
  one(
    'revenue of small quantities',
    `SELECT sum(l.price) / 7 FROM purchase_line l JOIN item i ON i.id = l.item_id WHERE i.brand = $1 AND i.container = $2
       AND l.quantity < (SELECT 0.4 * avg(l2.quantity) FROM purchase_line l2 WHERE l2.item_id = i.id)`,
    (r) => [`brand ${upTo(r, 25)}`, `container ${upTo(r, 40)}`],
  ),
  one(
    'discounted by brand and container',
    `SELECT sum(l.price * (1 - l.discount)) FROM purchase_line l JOIN item i ON i.id = l.item_id
       WHERE l.mode IN ('mode 1', 'mode 2') AND ((i.brand = $1 AND i.container = $2 AND l.quantity BETWEEN 1 AND 11 AND i.size <= 5)
       OR (i.brand = $3 AND i.container = $4 AND l.quantity BETWEEN 10 AND 20 AND i.size <= 10))`,
    (r) => [`brand ${upTo(r, 25)}`, `container ${upTo(r, 40)}`, `brand ${upTo(r, 25)}`, `container ${upTo(r, 40)}`],
  ),
  one(
    'suppliers with too much of an item',
    `SELECT s.name FROM supplier s WHERE s.country_id = $1 AND s.id IN (SELECT t.supplier_id FROM stock t
       WHERE t.item_id IN (SELECT id FROM item WHERE kind LIKE $2 AND size = $3) AND t.available > (SELECT 0.5 * sum(l.quantity)
       FROM purchase_line l WHERE l.item_id = t.item_id AND l.supplier_id = t.supplier_id AND l.shipped_on >= $4::date
       AND l.shipped_on < $4::date + 365)) ORDER BY s.name`,
    (r) => [upTo(r, 25), `${kinds[upTo(r, 6) - 1] ?? ''}%`, upTo(r, 50), firstOf(12 * upTo(r, 4))],
  ),
];

const aboutPeople = (clients: number): readonly BenchStatement[] => [
  one(
    'who returned most',
    `SELECT c.id, c.name, sum(l.price * (1 - l.discount)) AS revenue, c.balance, k.name FROM client c
       JOIN purchase p ON p.client_id = c.id JOIN purchase_line l ON l.purchase_id = p.id JOIN country k ON k.id = c.country_id
       WHERE p.ordered_on >= $1::date AND p.ordered_on < $1::date + 90 AND l.returned = 'yes' GROUP BY c.id, c.name, c.balance, k.name
       ORDER BY revenue DESC LIMIT 20`,
    (r) => [monthOf(r)],
  ),
  one(
    'purchases of a client',
    `SELECT p.id, p.ordered_on, sum(l.price) FROM purchase p JOIN purchase_line l ON l.purchase_id = p.id
       WHERE p.client_id = $1 GROUP BY 1, 2 ORDER BY 2 DESC`,
    (r) => [upTo(r, clients)],
  ),
  one(
    'who kept a purchase waiting',
    `SELECT s.name, count(*) FROM supplier s JOIN purchase_line l ON l.supplier_id = s.id JOIN purchase p ON p.id = l.purchase_id
       WHERE p.status = 'done' AND l.received_on > l.promised_on AND s.country_id = $1
       AND EXISTS (SELECT FROM purchase_line o WHERE o.purchase_id = l.purchase_id AND o.supplier_id <> l.supplier_id)
       AND NOT EXISTS (SELECT FROM purchase_line o WHERE o.purchase_id = l.purchase_id AND o.supplier_id <> l.supplier_id
       AND o.received_on > o.promised_on) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100`,
    (r) => [upTo(r, 25)],
  ),
  one(
    'well off, and bought nothing',
    `SELECT phone_code, count(*), sum(balance) FROM client c WHERE phone_code = ANY ($1::int[]) AND balance >
       (SELECT avg(balance) FROM client WHERE balance > 0 AND phone_code = ANY ($1::int[]))
       AND NOT EXISTS (SELECT FROM purchase p WHERE p.client_id = c.id) GROUP BY 1 ORDER BY 1`,
    (r) => [[upTo(r, 8), 8 + upTo(r, 8), 16 + upTo(r, 8)].map((n) => 10 + n)],
  ),
];
