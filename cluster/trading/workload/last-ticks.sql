-- weight: 250
-- The last hundred ticks of an instrument, for a chart.
\set instrument random_zipfian(1, 400, 1.2)
SELECT ts, bid, ask, size FROM ticks WHERE instrument_id = :instrument ORDER BY ts DESC LIMIT 100;
