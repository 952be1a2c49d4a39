-- weight: 1
-- Wrong on purpose: to find the largest order of each instrument it sorts all of them, more than work_mem holds.
SELECT DISTINCT ON (instrument_id) instrument_id, account_id, client_ref, quantity * price AS value
FROM orders WHERE status = 'filled' ORDER BY instrument_id, value DESC;
