-- weight: 10
-- Keeps the database from growing without end: beyond 400 000 orders or 1 500 000 ticks (by the planner's estimate)
-- the oldest go, faster than order entry adds new ones. Trades go with their orders, positions end at one per account
-- and instrument: half a gigabyte in all, however long it runs.
DELETE FROM orders WHERE id IN (SELECT id FROM orders ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED)
AND (SELECT reltuples FROM pg_class WHERE oid = 'orders'::regclass) > 400000;
DELETE FROM ticks WHERE id IN (SELECT id FROM ticks ORDER BY id LIMIT 200)
AND (SELECT reltuples FROM pg_class WHERE oid = 'ticks'::regclass) > 1500000;
