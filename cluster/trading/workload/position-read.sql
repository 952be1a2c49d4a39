-- weight: 250
-- What does this account hold of that instrument?
\set account random_zipfian(1, 1000, 1.2)
\set instrument random_zipfian(1, 400, 1.2)
SELECT quantity, cost, updated_at FROM positions WHERE account_id = :account AND instrument_id = :instrument;
