import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Statement, Workload } from '../../src/advisor/workload';

/** The trading database's own schema, with mistakes. */
export const schema = readFileSync(join(__dirname, '../../../../cluster/trading/schema.sql'), 'utf8');

/** A fifth of its rows: enough for the planner to see the difference. */
export const rows = [
  `INSERT INTO instruments SELECT n, 'S' || n, 'Instrument ' || n, 'XNYS', 'USD', 0.01, 5 + n FROM generate_series(1, 400) n`,
  `INSERT INTO accounts SELECT n, 'Account ' || n, 'client', now() FROM generate_series(1, 1000) n`,
  `INSERT INTO orders (account_id, instrument_id, side, status, price, quantity, client_ref, created_at)
   SELECT 1 + n * 7919 % 1000, 1 + n * 31 % 400, CASE n % 2 WHEN 0 THEN 'buy' ELSE 'sell' END,
          CASE WHEN n % 100 < 97 THEN 'filled' WHEN n % 100 < 99 THEN 'cancelled' ELSE 'open' END,
          10 + n % 500, 1 + n % 20, md5(n::text), now() - (60000 - n) * interval '7 seconds'
     FROM generate_series(1, 60000) n`,
  `INSERT INTO trades (order_id, account_id, counterparty_id, instrument_id, price, quantity, venue, executed_at)
   SELECT id, account_id, 1 + id * 104729 % 1000, instrument_id, price, quantity, 'lit', created_at FROM orders`,
  `INSERT INTO positions (account_id, instrument_id, quantity, cost)
   SELECT account_id, instrument_id, 1, 1 FROM trades GROUP BY 1, 2`,
  `INSERT INTO ticks (instrument_id, ts, bid, ask, size)
   SELECT 1 + n * 31 % 400, now() - (200000 - n) * interval '1 second', 10, 11, 1 FROM generate_series(1, 200000) n`,
];

/** As pg_stat_statements shows the transactions of `cluster/trading/workload`, with an hour's calls. */
const texts: Readonly<Record<string, readonly [perSecond: number, rows: number, text: string]>> = {
  counterparty: [
    ...[1, 1],
    `SELECT a.name, count(*), sum(t.quantity * t.price) FROM trades t JOIN accounts a ON a.id = t.counterparty_id
      WHERE t.counterparty_id = $1 GROUP BY a.name`,
  ] as const,
  functionOnColumn: [
    ...[1, 1],
    `SELECT count(*), sum(quantity) FROM orders
      WHERE date_trunc($1, created_at) = date_trunc($2, now()) - make_interval(days => $3)`,
  ] as const,
  wildcard: [1, 1, 'SELECT count(*) FROM orders WHERE client_ref LIKE $1 || $2 || $3'],
  lookup: [8, 1, 'SELECT symbol, name FROM instruments WHERE id = $1'],
  page: [1, 50, 'SELECT id, price, quantity FROM trades ORDER BY executed_at, id LIMIT $1 OFFSET $2'],
  lastTicks: [250, 100, 'SELECT ts, bid, ask, size FROM ticks WHERE instrument_id = $1 ORDER BY ts DESC LIMIT $2'],
  position: [
    ...[250, 1],
    'SELECT quantity, cost, updated_at FROM positions WHERE account_id = $1 AND instrument_id = $2',
  ] as const,
  topOfBook: [
    ...[150, 1],
    `SELECT max(price) FILTER (WHERE side = $1) AS bid, min(price) FILTER (WHERE side = $2) AS offer
       FROM orders WHERE instrument_id = $3 AND status = $4`,
  ] as const,
  reprice: [100, 1, 'UPDATE orders SET price = $1, updated_at = now() WHERE id = $2'],
  trade: [300, 1, 'INSERT INTO trades (order_id, account_id, counterparty_id, price) VALUES ($1, $2, $3, $4)'],
  holding: [
    ...[300, 1],
    `INSERT INTO positions AS p (account_id, instrument_id, quantity, cost) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account_id, instrument_id) DO UPDATE SET quantity = p.quantity + $3, cost = p.cost + $4`,
  ] as const,
  commit: [500, 0, 'COMMIT'],
  cut: [1, 1, 'SELECT count(*) FROM orders WHERE'],
};

const HOUR = 3600;

export const workload: Workload = {
  seconds: HOUR,
  statements: Object.entries(texts).map(([id, [perSecond, each, text]]): Statement => ({
    ...{ id, text, calls: perSecond * HOUR, seconds: perSecond, rows: perSecond * each * HOUR, role: 'trader' },
  })),
};
