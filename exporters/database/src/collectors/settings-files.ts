import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  errors: z.number(),
  first: z.string().nullable(),
  /** What the files say of the limits that our own session overrides: name → value as written there. */
  timeouts: z.record(z.string(), z.string()),
  /** Which of them are set for some role or database. */
  by_role: z.array(z.string()),
});

export type SettingsFilesRow = z.infer<typeof row>;

const TIMEOUTS = `'idle_in_transaction_session_timeout', 'statement_timeout'`;

/** Of errors where and what, never the value. */
const sql = `
  SELECT count(*) FILTER (WHERE f.bad) AS errors,
         min(f.sourcefile || ':' || f.sourceline || ': ' || coalesce(f.name || ': ', '') || f.error) FILTER (WHERE f.bad) AS first,
         coalesce(pg_catalog.json_object_agg(f.name, f.setting) FILTER (WHERE f.applied AND f.name IN (${TIMEOUTS})), '{}') AS timeouts,
         ARRAY(SELECT DISTINCT pg_catalog.split_part(c, '=', 1)
                 FROM pg_catalog.pg_db_role_setting d, pg_catalog.unnest(d.setconfig) c
                WHERE pg_catalog.split_part(c, '=', 1) IN (${TIMEOUTS})
                  AND d.setrole IS DISTINCT FROM (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)) AS by_role
    FROM (SELECT a.*, a.error IS NOT NULL AND a.error <> 'setting could not be applied' AS bad
            FROM pg_catalog.pg_show_all_file_settings() a) f`;

export const settingsFiles = defineCollector({
  name: 'settings-files',
  source: 'pg_file_settings',
  needs: { execute: 'pg_show_all_file_settings()' },
  every: 60,
  metrics: {
    errors: gauge(
      'db_settings_file_errors',
      'Lines of the configuration files that the server cannot use; it will not start with them.',
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly SettingsFilesRow[], m) => rows.map((r) => m.errors({}, r.errors)),
});
