-- weight: 1
-- Wrong on purpose: pages by OFFSET read and throw away everything before the page.
\set page random(1, 1000)
SELECT id, price, quantity FROM trades ORDER BY executed_at, id LIMIT 50 OFFSET :page * 50;
