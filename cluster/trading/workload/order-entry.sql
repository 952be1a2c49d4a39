-- weight: 60
-- A client order that is filled at once: order, trade, position and tick in one transaction.
\set account random_zipfian(1, 1000, 1.2)
\set counterparty random_zipfian(1, 1000, 1.2)
\set instrument random_zipfian(1, 400, 1.2)
\set quantity random(1, 500)
\set price random(1000, 20000)
BEGIN;
WITH placed AS (
  INSERT INTO orders (account_id, instrument_id, side, status, price, quantity, client_ref)
  VALUES (:account, :instrument, 'buy', 'filled', :price / 100.0, :quantity, gen_random_uuid()::text)
  RETURNING id, account_id, instrument_id, price, quantity
)
INSERT INTO trades (order_id, account_id, counterparty_id, instrument_id, price, quantity, venue)
SELECT id, account_id, :counterparty, instrument_id, price, quantity, 'XNAS' FROM placed;
INSERT INTO positions AS p (account_id, instrument_id, quantity, cost)
VALUES (:account, :instrument, :quantity, :quantity * :price / 100.0)
ON CONFLICT (account_id, instrument_id)
DO UPDATE SET quantity = p.quantity + excluded.quantity, cost = p.cost + excluded.cost, updated_at = now();
INSERT INTO ticks (instrument_id, bid, ask, size)
VALUES (:instrument, :price / 100.0, (:price + 1) / 100.0, :quantity);
COMMIT;
