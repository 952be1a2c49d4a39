import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ errors: z.number(), first: z.string().nullable() });

export type SettingsFilesRow = z.infer<typeof row>;

/** Where and what, never the value. */
const sql = `
  SELECT count(*) AS errors,
         min(f.sourcefile || ':' || f.sourceline || ': ' || coalesce(f.name || ': ', '') || f.error) AS first
    FROM pg_catalog.pg_show_all_file_settings() f
   WHERE f.error IS NOT NULL AND f.error <> 'setting could not be applied'`;

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
