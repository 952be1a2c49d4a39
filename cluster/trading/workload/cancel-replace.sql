-- weight: 20
-- A client changes its mind: the newest open order of an account is cancelled and placed again at another price.
\set account random_zipfian(1, 1000, 1.2)
\set instrument random_zipfian(1, 400, 1.2)
\set quantity random(1, 500)
\set price random(1000, 20000)
BEGIN;
UPDATE orders SET status = 'cancelled', updated_at = now()
WHERE id = (
  SELECT id FROM orders WHERE account_id = :account AND status = 'open'
  ORDER BY created_at DESC LIMIT 1 FOR UPDATE SKIP LOCKED
);
INSERT INTO orders (account_id, instrument_id, side, status, price, quantity, client_ref)
VALUES (:account, :instrument, 'sell', 'open', :price / 100.0, :quantity, gen_random_uuid()::text);
COMMIT;
