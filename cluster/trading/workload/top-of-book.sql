-- weight: 150
-- Best bid and offer of an instrument.
\set instrument random_zipfian(1, 400, 1.2)
SELECT max(price) FILTER (WHERE side = 'buy') AS bid, min(price) FILTER (WHERE side = 'sell') AS offer
FROM orders WHERE instrument_id = :instrument AND status = 'open';
