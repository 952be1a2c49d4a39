import { ask, withSession } from '../drill/ask';
import type { DrillMember, Login } from '../drill/topology';
import type { SettingFacts } from './live';

const settingsSql = `SELECT name, context, vartype, setting, unit FROM pg_catalog.pg_settings`;

/** What a server says of its settings. Those for superusers only are missing. */
export const serverSettings = async (
  member: DrillMember,
  watcher: Login,
): Promise<ReadonlyMap<string, SettingFacts>> => {
  const rows = await withSession(
    member,
    watcher,
    (client) => ask<SettingFacts & { name: string }>(client, settingsSql, 3000),
    { timeoutMs: 5000 },
  );
  return new Map(rows.map(({ name, ...facts }) => [name, facts]));
};
