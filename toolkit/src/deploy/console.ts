import { ask, withSession } from '../drill/ask';
import type { DeployPool } from './cluster';
import type { PoolSetting } from './live';

const CONSOLE_MS = 3000;

const onConsole = async <Row extends Record<string, string>>(pool: DeployPool, command: string): Promise<Row[]> =>
  withSession(pool, pool.admin, (client) => ask<Row>(client, command, CONSOLE_MS), {
    timeoutMs: 5000,
    through: 'pool',
  });

/** `SHOW CONFIG`, by name. */
export const poolSettings = async (pool: DeployPool): Promise<ReadonlyMap<string, PoolSetting>> => {
  const rows = await onConsole<{ key: string; value: string; changeable: string }>(pool, 'SHOW CONFIG');
  return new Map(rows.map(({ key, value, changeable }) => [key, { value, changeable: changeable === 'yes' }]));
};

/** Has it read its files again; with `letGo`, server connections are closed as they come free, and made anew as needed. */
export const reloadPool = async (pool: DeployPool, letGo: boolean): Promise<void> => {
  await onConsole(pool, 'RELOAD');
  if (letGo) await onConsole(pool, 'RECONNECT');
};
