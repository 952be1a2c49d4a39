-- weight: 1
-- Wrong on purpose: trades.counterparty_id refers to accounts and has no index, so this reads every trade.
\set counterparty random_zipfian(1, 1000, 1.2)
SELECT a.name, count(*), sum(t.quantity * t.price)
FROM trades t JOIN accounts a ON a.id = t.counterparty_id
WHERE t.counterparty_id = :counterparty GROUP BY a.name;
