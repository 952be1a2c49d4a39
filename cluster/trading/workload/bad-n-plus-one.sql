-- weight: 1
-- Wrong on purpose: one query per row of the one before, as an object mapper writes them.
\set account random_zipfian(1, 1000, 1.2)
\set a random_zipfian(1, 400, 1.2)
\set b random_zipfian(1, 400, 1.2)
\set c random_zipfian(1, 400, 1.2)
\set d random_zipfian(1, 400, 1.2)
SELECT instrument_id FROM positions WHERE account_id = :account LIMIT 5;
SELECT symbol, name FROM instruments WHERE id = :a;
SELECT symbol, name FROM instruments WHERE id = :b;
SELECT symbol, name FROM instruments WHERE id = :c;
SELECT symbol, name FROM instruments WHERE id = :d;
