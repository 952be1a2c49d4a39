import { canaryRoleStatements, canaryTableStatements } from '@submilli/core';
import { atWork, type Trouble, names } from '../world';

/** Statements that take their time, and an index that they lack. */
export const slowStatements: Trouble = async (world) => {
  const client = await world.session();
  await client.query('SELECT count(*) FROM orders WHERE account_id = 7');
  await world.query('UPDATE orders SET price = price + 1 WHERE id < 1000');
  world.later(() => world.query('DROP INDEX IF EXISTS orders_account_id_idx'));
  const pid = await atWork(world);
  return { ...names, pid, statement: 'SELECT count(*) FROM orders WHERE account_id = $1' };
};

/** The canary's role and table as they are made, and a session of it. */
export const canary: Trouble = async (world) => {
  for (const statement of [...canaryRoleStatements, ...canaryTableStatements]) await world.query(statement);
  await world.query("ALTER ROLE submilli_canary PASSWORD 'canary'");
  await world.session({ user: 'submilli_canary', password: 'canary' });
  return {};
};
