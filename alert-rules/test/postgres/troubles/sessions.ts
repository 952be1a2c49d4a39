import { atWork, pidOf, type Trouble, underWay, until, names, type World } from '../world';

const isWaiting = async ({ query }: World, pid: number): Promise<boolean> =>
  (await query('SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = $2', [pid, 'Lock'])).length === 1;

/** A session holds a row and idles, another one waits for it. */
export const idleHolder: Trouble = async (world) => {
  const [holder, victim] = [await world.session(), await world.session()];
  const [pid, waiting] = [await pidOf(holder), await pidOf(victim)];
  await holder.query('BEGIN');
  await holder.query('UPDATE orders SET price = price WHERE id = 1');
  underWay(victim, 'UPDATE orders SET price = price WHERE id = 1');
  await until('the other waits', () => isWaiting(world, waiting));
  return { ...names, pid };
};

/** A statement runs for long in a transaction that has a snapshot, while an index cannot be built for it. */
export const longTransaction: Trouble = async (world) => {
  const [worker, builder] = [
    await world.session(),
    await world.session({ user: 'postgres', password: world.primary.password }),
  ];
  const pid = await pidOf(worker);
  await worker.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await worker.query('UPDATE orders SET price = price WHERE id = 2');
  underWay(worker, 'SELECT pg_sleep(600)');
  underWay(builder, 'CREATE INDEX CONCURRENTLY orders_price ON orders (price)');
  world.later(() => world.query('DROP INDEX IF EXISTS orders_price'));
  world.later(() => world.query('SELECT pg_terminate_backend($1)', [pid]));
  const building = 'SELECT FROM pg_stat_progress_create_index WHERE lockers_total > 0';
  await until('the build waits', async () => (await world.query(building)).length === 1);
  return { ...names, pid };
};

/** Two wait for a root that idles, and a third for a prepared transaction. */
export const lockQueue: Trouble = async (world) => {
  const variables = await idleHolder(world);
  const gid = 'left open';
  const coordinator = await world.session();
  await coordinator.query('BEGIN');
  await coordinator.query('UPDATE orders SET price = price WHERE id = 3');
  await coordinator.query(`PREPARE TRANSACTION '${gid}'`);
  world.later(() => world.query(`ROLLBACK PREPARED '${gid}'`).catch(() => undefined));
  const victim = await world.session();
  const waiting = await pidOf(victim);
  underWay(victim, 'UPDATE orders SET price = price WHERE id = 3');
  await until('the third waits', () => isWaiting(world, waiting));
  return { ...variables, gid };
};

/** A batch job that collides with others, and a foreign key without its index. */
export const batchJob: Trouble = async (world) => {
  await atWork(world);
  world.later(() => world.query('DROP INDEX IF EXISTS orders_account_id_idx'));
  return names;
};

/** One transaction that locks many tables, at work. */
export const manyLocks: Trouble = async (world) => {
  const dump = await world.session();
  const pid = await pidOf(dump);
  await dump.query('BEGIN');
  await dump.query(`DO $$ DECLARE t oid; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' LOOP
    EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', t::regclass); END LOOP;
    EXCEPTION WHEN insufficient_privilege THEN NULL; END $$`);
  underWay(dump, 'SELECT pg_sleep(600) FROM orders JOIN accounts ON true LIMIT 1');
  return { ...names, pid };
};

/** A client that rolls back all the time, and one that fails. */
export const rollbacks: Trouble = async (world) => {
  const client = await world.session();
  for (let i = 0; i < 3; i += 1) {
    await client.query('BEGIN');
    await client.query('SELECT 1');
    await client.query('ROLLBACK');
  }
  await client.query('SELECT 1 / 0').catch(() => undefined);
  return { ...names };
};
