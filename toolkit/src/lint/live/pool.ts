import { type Config, connectSql, deadlineIn, type PgbouncerTarget, systemClock } from '@submilli/core';
import { z } from 'zod';
import type { Given } from '../files/read';
import { captured, isDown, whyOf } from './capture';

const row = z.object({ key: z.string(), value: z.string().nullable() });
/** Shown by some versions as they are. */
const SECRET = /password|passwd|secret/i;

/** What a PgBouncer runs with, by `SHOW CONFIG`: whoever may look at its console sees it. Never throws. */
export const readPool = async (target: PgbouncerTarget, config: Config): Promise<Given> => {
  const { name, host, port } = target;
  const own = { pool: name, address: `${host}:${port}` };
  const deadline = deadlineIn(config.timeouts.scrape_ms, systemClock);
  const options = { limits: config.timeouts, applicationName: 'submilli/lint', dialect: 'pgbouncer' } as const;
  try {
    const address = { ...target, database: 'pgbouncer' };
    const { session, close } = await connectSql({ ...options, address, clock: systemClock }, deadline);
    try {
      const rows = row.array().parse(await session.query('SHOW CONFIG', [], deadline));
      const shown = rows.filter(({ key }) => !SECRET.test(key)).map(({ key, value }) => [key, value ?? '']);
      return captured(name, { ...own, config: Object.fromEntries(shown) as Record<string, string> });
    } finally {
      await close();
    }
  } catch (error) {
    const fix = 'The role has to be in stats_users and in auth_file; submilli check says more.';
    return captured(name, { ...own, ...isDown(`PgBouncer ${name}`, whyOf(error, name), fix) });
  }
};
