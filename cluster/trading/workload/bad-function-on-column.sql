-- weight: 1
-- Wrong on purpose: the function hides the column from its index.
\set day random(0, 5)
SELECT count(*), sum(quantity) FROM orders WHERE date_trunc('day', created_at) = date_trunc('day', now()) - make_interval(days => :day);
