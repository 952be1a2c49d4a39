-- weight: 1
-- Wrong on purpose: sorts a day's orders that don't fit into work_mem, to show twenty.
SELECT account_id, quantity * price AS value FROM orders
WHERE status = 'filled' ORDER BY client_ref, value DESC OFFSET 30000 LIMIT 20;
