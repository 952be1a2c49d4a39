import { atWork, pidOf, type Trouble, underWay, until, names, type World } from '../world';

export const UNREAD = 'unread';

/** A logical slot that nobody reads from. */
export const unreadSlot = async ({ query, later }: World): Promise<void> => {
  await query('SELECT pg_create_logical_replication_slot($1, $2)', [UNREAD, 'pgoutput']);
  later(() =>
    query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [UNREAD]),
  );
};

/** A standby that replays late: by hand, and for a query. A job on the primary writes. */
export const lateStandby: Trouble = async (world) => {
  await atWork(world);
  await (await world.session()).query('UPDATE orders SET price = price + 1');
  const reader = await world.session({}, world.standby);
  const pid = await pidOf(reader);
  underWay(reader, 'SELECT pg_sleep(600)');
  await world.standby.query('SELECT pg_wal_replay_pause()');
  world.later(() => world.standby.query('SELECT pg_wal_replay_resume()'));
  return { ...names, pid };
};

/** A slot and a subscription that stand still, beside the standby's. */
export const inactiveSlot: Trouble = async (world) => {
  await unreadSlot(world);
  const { query, later } = world;
  await query(
    "CREATE SUBSCRIPTION feed CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = unread)",
  );
  later(async () => {
    await query('ALTER SUBSCRIPTION feed DISABLE');
    await query('ALTER SUBSCRIPTION feed SET (slot_name = NONE)');
    await query('DROP SUBSCRIPTION feed');
  });
  return { slot: UNREAD, subscription: 'feed' };
};

/** A slot with much WAL, one that nobody reads, and a transaction that writes. */
export const keptWal: Trouble = async (world) => {
  await unreadSlot(world);
  const writer = await world.session();
  const pid = await pidOf(writer);
  await writer.query('BEGIN; UPDATE orders SET price = price + 1 WHERE id < 100');
  underWay(writer, 'SELECT pg_sleep(600)');
  const streams = "SELECT FROM pg_replication_slots WHERE slot_name = 'pg2' AND active";
  await until('the standby streams', async () => (await world.query(streams)).length === 1);
  return { pid, slot: 'pg2', unread_slot: UNREAD };
};

/** An archive that refuses. */
export const failingArchive: Trouble = async ({ query }) => {
  await query("ALTER SYSTEM SET archive_command = 'false'");
  await query('SELECT pg_reload_conf()');
  await query('SELECT pg_switch_wal(), txid_current()');
  await query('SELECT pg_switch_wal()');
  const failed = 'SELECT FROM pg_stat_archiver WHERE failed_count > 0';
  await until('archiving has failed', async () => (await query(failed)).length === 1);
  const waiting = "SELECT FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";
  await until('a file waits', async () => (await query(waiting)).length > 0);
  return { command: 'true' };
};

/** All streams; the role that the standby comes with is the superuser here. */
export const streaming: Trouble = async (world) => {
  const receives = 'SELECT FROM pg_stat_wal_receiver';
  await until('the standby receives', async () => (await world.standby.query(receives)).length === 1);
  return { replicator: world.primary.superuser };
};
