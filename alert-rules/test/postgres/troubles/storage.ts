import { unreadSlot, UNREAD } from './replication';
import { atWork, DATABASE, pidOf, type Trouble, underWay, until, names, type World } from '../world';

/** A statement that works in a transaction which keeps old row versions. */
const oldTransaction = async (world: World): Promise<number> => {
  const worker = await world.session();
  const pid = await pidOf(worker);
  await worker.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await worker.query('UPDATE orders SET price = price WHERE id = 10');
  underWay(worker, 'SELECT pg_sleep(600)');
  return pid;
};

/** Everyone who can keep transaction ids from being freed, and a vacuum that tries. */
export const heldHorizon: Trouble = async (world) => {
  await unreadSlot(world); // First: it would wait for the end of the others.
  const pid = await oldTransaction(world);
  const coordinator = await world.session();
  await coordinator.query("BEGIN; UPDATE orders SET price = price WHERE id = 11; PREPARE TRANSACTION 'left open'");
  world.later(() => world.query("ROLLBACK PREPARED 'left open'").catch(() => undefined));
  await atWork(world);
  return { ...names, pid, gid: 'left open', slot: UNREAD };
};

/** Two sessions lock the same row, while an old transaction keeps what that takes. */
export const multixacts: Trouble = async (world) => {
  const pid = await oldTransaction(world);
  for (const client of [await world.session(), await world.session()]) {
    await client.query('BEGIN');
    await client.query('SELECT FROM accounts WHERE id = 1 FOR SHARE');
  }
  await atWork(world);
  return { ...names, pid };
};

/** A statement at work that reads, and an index that is not there. */
export const reads: Trouble = async (world) => {
  await (await world.session()).query('SELECT count(*) FROM orders');
  const pid = await atWork(world);
  world.later(() => world.query('DROP INDEX IF EXISTS orders_account_id_idx'));
  return { ...names, pid };
};

/** A sort that does not fit, now and before. */
export const spills: Trouble = async (world) => {
  const worker = await world.session();
  const pid = await pidOf(worker);
  const sort = 'SELECT * FROM orders a, generate_series(1, 5) ORDER BY note, price DESC';
  await worker.query('SET work_mem = $$64kB$$');
  await worker.query(`SELECT count(*) FROM (${sort} OFFSET 1) sorted`);
  underWay(worker, `SELECT pg_sleep(600) FROM (${sort} OFFSET 1) sorted`);
  await until('there is a temporary file', async () => (await world.query('SELECT FROM pg_ls_tmpdir()')).length > 0);
  return { ...names, pid };
};

/** A load that writes WAL. */
export const writes: Trouble = async (world) => {
  await (await world.session()).query('UPDATE orders SET price = price + 1');
  return { ...names, pid: await atWork(world) };
};

/** Dead rows that an old transaction still may see, in a table that autovacuum leaves alone. */
export const deadRows: Trouble = async (world) => {
  const pid = await oldTransaction(world);
  await world.query('ALTER TABLE orders SET (autovacuum_enabled = off)');
  world.later(() =>
    world.query(
      'ALTER TABLE orders RESET (autovacuum_enabled, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay)',
    ),
  );
  await world.query('UPDATE orders SET price = price + 1 WHERE id > 20');
  await atWork(world);
  return { ...names, pid };
};

/** A unique index whose build has met a duplicate. */
export const invalidIndex: Trouble = async ({ query, later }) => {
  await query('CREATE TABLE twice AS SELECT 1 AS id FROM generate_series(1, 2)');
  later(() => query('DROP TABLE twice'));
  await query('CREATE UNIQUE INDEX CONCURRENTLY twice_id ON twice (id)').catch(() => undefined);
  await query('DELETE FROM twice WHERE ctid = (SELECT max(ctid) FROM twice)');
  return { schema: 'public', index: 'twice_id' };
};

/** A column that has all but used up its integers, and another that refers to it. */
export const lastNumbers: Trouble = async ({ query, later }) => {
  await query('CREATE TABLE tickets (id serial PRIMARY KEY)');
  later(() => query('DROP TABLE tickets CASCADE'));
  await query("SELECT setval('tickets_id_seq', 2147483000)");
  await query('CREATE TABLE stubs (ticket_id int REFERENCES tickets)');
  later(() => query('DROP TABLE stubs'));
  return { schema: 'public', sequence: 'tickets_id_seq', table: 'tickets', column: 'id', database: DATABASE };
};
