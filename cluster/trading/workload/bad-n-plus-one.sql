-- weight: 1
-- Wrong on purpose: a list, then one query for each of its rows, as an object mapper writes them.
\set account random_zipfian(1, 1000, 1.2)
\set a random_zipfian(1, 400, 1.2)
\set b random_zipfian(1, 400, 1.2)
\set c random_zipfian(1, 400, 1.2)
\set d random_zipfian(1, 400, 1.2)
\set e random_zipfian(1, 400, 1.2)
\set f random_zipfian(1, 400, 1.2)
\set g random_zipfian(1, 400, 1.2)
\set h random_zipfian(1, 400, 1.2)
SELECT instrument_id FROM positions WHERE account_id = :account LIMIT 8;
SELECT symbol, name FROM instruments WHERE id = :a;
SELECT symbol, name FROM instruments WHERE id = :b;
SELECT symbol, name FROM instruments WHERE id = :c;
SELECT symbol, name FROM instruments WHERE id = :d;
SELECT symbol, name FROM instruments WHERE id = :e;
SELECT symbol, name FROM instruments WHERE id = :f;
SELECT symbol, name FROM instruments WHERE id = :g;
SELECT symbol, name FROM instruments WHERE id = :h;
