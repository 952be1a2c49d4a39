-- weight: 1
-- Wrong on purpose: no b-tree helps a pattern that begins with a wildcard.
\set piece random(100, 999)
SELECT count(*) FROM orders WHERE client_ref LIKE '%' || :piece || '%';
