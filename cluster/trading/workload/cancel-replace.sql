-- weight: 100
-- A client changes its mind: an account's newest open order is cancelled and placed again at another price. An account
-- without one places its first, so that open orders are neither used up nor pile up.
\set account random_zipfian(1, 1000, 1.2)
\set instrument random_zipfian(1, 400, 1.2)
\set side random(1, 2)
\set lots random(1, 20)
\set distance random(1, 200)
BEGIN;
WITH cancelled AS (
  UPDATE orders SET status = 'cancelled', updated_at = now()
  WHERE id = (
    SELECT id FROM orders WHERE account_id = :account AND status = 'open'
    ORDER BY created_at DESC LIMIT 1 FOR UPDATE SKIP LOCKED
  )
  RETURNING id, instrument_id, side
)
INSERT INTO orders (account_id, instrument_id, side, status, price, quantity, client_ref, replaces)
SELECT
  CAST(:account AS int), i.id, s.side, 'open',
  round(i.base_price * (10000 + CASE s.side WHEN 'buy' THEN -1 ELSE 1 END * :distance) / 10000, 2),
  100 * :lots, gen_random_uuid()::text, c.id
FROM instruments AS i
LEFT JOIN cancelled AS c ON true
CROSS JOIN LATERAL (SELECT coalesce(c.side, (ARRAY['buy', 'sell'])[:side]) AS side) AS s
WHERE i.id = coalesce(c.instrument_id, :instrument);
COMMIT;
