import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ version: z.string(), started: z.number(), config_loaded: z.number(), in_recovery: z.boolean() });

export type ServerRow = z.infer<typeof row>;

const sql = `
  SELECT pg_catalog.current_setting('server_version') AS version,
         extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8 AS started,
         extract(epoch FROM pg_catalog.pg_conf_load_time())::float8 AS config_loaded,
         pg_catalog.pg_is_in_recovery() AS in_recovery`;

export const server = defineCollector({
  name: 'server',
  source: 'pg_postmaster_start_time()',
  metrics: {
    info: gauge('db_server_info', 'Always 1; the server’s version.', ['version']),
    started: gauge('db_server_start_timestamp_seconds', 'When the server was started.'),
    configLoaded: gauge('db_server_config_load_timestamp_seconds', 'When its configuration was last loaded.'),
    role: gauge('db_server_role', 'Which role the server is in: 1 for it, 0 for the other.', ['role']),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly ServerRow[], m) =>
    rows.flatMap((r) => [
      m.info({ version: r.version }, 1),
      m.started({}, r.started),
      m.configLoaded({}, r.config_loaded),
      m.role({ role: 'primary' }, r.in_recovery ? 0 : 1),
      m.role({ role: 'standby' }, r.in_recovery ? 1 : 0),
    ]),
});
