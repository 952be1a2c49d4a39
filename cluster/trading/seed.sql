-- The trading database's first rows: 400 instruments, 1000 accounts, 300 000 orders, about 264 000 trades and
-- 1 200 000 ticks. Run it after schema.sql, as the same role. All or nothing, and a second run adds nothing.
--
-- Deterministic but for the day: times lead up to now, everything else is arithmetic on the row number. The
-- fractional part of n times an irrational number spreads evenly over [0, 1); 400 ^ that is Zipf-like: instrument 1
-- takes an eighth of everything, the last hundred next to nothing.

BEGIN;

-- Foreign keys and secondary indexes are cheaper to build once than to maintain for 3 million checks: set them aside.
CREATE TEMPORARY TABLE set_aside ON COMMIT DROP AS
SELECT
  format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away,
  format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS back
FROM pg_constraint
WHERE contype = 'f' AND conrelid IN ('orders'::regclass, 'trades'::regclass, 'positions'::regclass, 'ticks'::regclass)
  AND NOT EXISTS (SELECT FROM ticks)
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid IN ('orders'::regclass, 'trades'::regclass, 'ticks'::regclass) AND NOT indisprimary
  AND NOT EXISTS (SELECT FROM ticks);

DO $$
DECLARE
  command text;
BEGIN
  FOR command IN SELECT away FROM set_aside LOOP
    EXECUTE command;
  END LOOP;
END $$;

INSERT INTO instruments (id, symbol, name, exchange, currency, tick_size, base_price)
SELECT
  n,
  chr(65 + n % 26) || chr(65 + n / 26 % 26) || chr(65 + n * 7 % 26) || chr(65 + n / 3 % 26),
  'Instrument ' || n,
  (ARRAY['XNYS', 'XNAS', 'XLON', 'XETR'])[1 + n % 4],
  (ARRAY['USD', 'USD', 'GBP', 'EUR'])[1 + n % 4],
  0.01,
  round(5 + 495 * (n * 0.6180339887 % 1), 2)
FROM generate_series(1, 400) AS n
ON CONFLICT DO NOTHING;

INSERT INTO accounts (id, name, kind, opened_at)
SELECT
  n,
  'Account ' || n,
  CASE WHEN n <= 5 THEN 'market_maker' WHEN n <= 50 THEN 'proprietary' ELSE 'client' END,
  now() - n * interval '1 day'
FROM generate_series(1, 1000) AS n
ON CONFLICT DO NOTHING;

-- Account 1 places a third of all orders; 88 % are filled, 8 % cancelled, 3 % rejected, 1 % still open.
INSERT INTO orders (account_id, instrument_id, side, status, price, quantity, client_ref, created_at, updated_at)
SELECT
  CASE WHEN u.account < 0.33 THEN 1 ELSE 2 + floor(999 * power((u.account - 0.33) / 0.67, 2))::int END,
  i.id,
  CASE WHEN n % 2 = 0 THEN 'buy' ELSE 'sell' END,
  CASE WHEN u.status < 0.88 THEN 'filled' WHEN u.status < 0.96 THEN 'cancelled' WHEN u.status < 0.99 THEN 'rejected' ELSE 'open' END,
  round(i.base_price * (1 + CASE WHEN n % 2 = 0 THEN -0.02 ELSE 0.02 END * u.price)::numeric, 2),
  100 * (1 + n % 20),
  md5(n::text),
  now() - (300000 - n) * interval '1.5 seconds',
  now() - (300000 - n) * interval '1.5 seconds'
FROM generate_series(1, 300000) AS n
CROSS JOIN LATERAL (
  SELECT
    n * 0.6180339887::float8 - floor(n * 0.6180339887::float8) AS instrument,
    n * 0.4142135623::float8 - floor(n * 0.4142135623::float8) AS account,
    n * 0.7320508075::float8 - floor(n * 0.7320508075::float8) AS status,
    n * 0.2360679774::float8 - floor(n * 0.2360679774::float8) AS price
) AS u
JOIN instruments AS i ON i.id = floor(power(400, u.instrument))::int
WHERE NOT EXISTS (SELECT FROM orders)
ORDER BY n;

INSERT INTO trades (order_id, account_id, counterparty_id, instrument_id, price, quantity, venue, executed_at)
SELECT
  id,
  account_id,
  1 + (id * 7919 % 1000)::int,
  instrument_id,
  price,
  CASE side WHEN 'buy' THEN quantity ELSE -quantity END,
  (ARRAY['lit', 'dark', 'auction', 'internal'])[1 + id % 4],
  created_at + interval '40 milliseconds'
FROM orders
WHERE status = 'filled' AND NOT EXISTS (SELECT FROM trades)
ORDER BY id;

INSERT INTO positions (account_id, instrument_id, quantity, cost)
SELECT account_id, instrument_id, sum(quantity), sum(quantity * price)
FROM trades
WHERE NOT EXISTS (SELECT FROM positions)
GROUP BY account_id, instrument_id;

INSERT INTO ticks (instrument_id, ts, bid, ask, size)
SELECT i.id, now() - (1200000 - n) * interval '100 milliseconds', q.bid, q.bid + 0.01, 100 * (1 + n % 50)
FROM generate_series(1, 1200000) AS n
JOIN instruments AS i ON i.id = floor(power(400::float8, n * 0.6180339887::float8 - floor(n * 0.6180339887::float8)))::int
CROSS JOIN LATERAL (SELECT round(i.base_price * (1 + 0.02 * sin(n / 20000.0))::numeric, 2) AS bid) AS q
WHERE NOT EXISTS (SELECT FROM ticks)
ORDER BY n;

DO $$
DECLARE
  command text;
BEGIN
  FOR command IN SELECT back FROM set_aside LOOP
    EXECUTE command;
  END LOOP;
END $$;

COMMIT;

ANALYZE instruments, accounts, orders, trades, positions, ticks;
