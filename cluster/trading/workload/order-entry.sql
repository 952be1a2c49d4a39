-- weight: 300
-- A client order that is filled at once: order and trade, position and tick in one transaction.
\set account random_zipfian(1, 1000, 1.2)
\set counterparty random_zipfian(1, 1000, 1.2)
\set instrument random_zipfian(1, 400, 1.2)
\set side random(1, 2)
\set lots random(1, 20)
\set move random(9900, 10100)
BEGIN;
WITH placed AS (
  INSERT INTO orders (account_id, instrument_id, side, status, price, quantity, client_ref)
  SELECT
    CAST(:account AS int), id, (ARRAY['buy', 'sell'])[:side], 'filled', round(base_price * :move / 10000, 2),
    100 * :lots, gen_random_uuid()::text
  FROM instruments WHERE id = :instrument
  RETURNING id, account_id, instrument_id, side, price, quantity
)
INSERT INTO trades (order_id, account_id, counterparty_id, instrument_id, price, quantity, venue)
SELECT
  id, account_id, CAST(:counterparty AS int), instrument_id, price,
  CASE side WHEN 'buy' THEN quantity ELSE -quantity END, 'lit'
FROM placed;
INSERT INTO positions AS p (account_id, instrument_id, quantity, cost)
SELECT CAST(:account AS int), id, (3 - 2 * :side) * 100 * :lots, (3 - 2 * :side) * 100 * :lots * round(base_price * :move / 10000, 2)
FROM instruments WHERE id = :instrument
ON CONFLICT (account_id, instrument_id)
DO UPDATE SET quantity = p.quantity + excluded.quantity, cost = p.cost + excluded.cost, updated_at = now();
INSERT INTO ticks (instrument_id, bid, ask, size)
SELECT id, round(base_price * :move / 10000, 2), round(base_price * :move / 10000, 2) + tick_size, 100 * :lots
FROM instruments WHERE id = :instrument;
COMMIT;
