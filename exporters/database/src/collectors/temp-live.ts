import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ bytes: z.number(), files: z.number() });

export type TempLiveRow = z.infer<typeof row>;

/** `db_temp_bytes_total` counts a file when it is closed; this sees the ones that fill the disk now. */
const sql = `SELECT coalesce(sum(f.size), 0)::float8 AS bytes, count(*) AS files FROM pg_catalog.pg_ls_tmpdir() f`;

export const tempLive = defineCollector({
  name: 'temp-live',
  source: 'pg_ls_tmpdir()',
  needs: { privilege: 'pg_monitor' },
  every: 15,
  metrics: {
    bytes: gauge(
      'db_temp_live_bytes',
      'Size of the temporary files there are now in pg_default; read at most every 15 s.',
    ),
    files: gauge('db_temp_live_files', 'Number of them.'),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly TempLiveRow[], m) => rows.flatMap((r) => [m.bytes({}, r.bytes), m.files({}, r.files)]),
});
