import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { needs, peerGauge, PREFIX } from './peer';

const row = z.object({ datname: z.string(), bytes: z.number().nullable(), connection_limit: z.number() });

/** `pg_database_size` adds up files, without a lock that DDL could block; it refuses those who may not connect. */
const sql = `
  SELECT d.datname::text AS datname, d.datconnlimit AS connection_limit,
         CASE WHEN pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
                   OR pg_catalog.has_database_privilege(d.oid, 'CONNECT')
              THEN pg_catalog.pg_database_size(d.oid) END AS bytes
    FROM pg_catalog.pg_database d`;

export const compatDatabase = defineCollector({
  name: `${PREFIX}database`,
  source: 'pg_database, pg_database_size()',
  needs,
  every: 60,
  metrics: {
    size: peerGauge('pg_database_size_bytes', 'Disk space used by the database; read at most once a minute.', [
      'datname',
    ]),
    limit: peerGauge('pg_database_connection_limit', 'Connection limit of the database; -1 is no limit.', ['datname']),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.flatMap(({ datname, bytes, connection_limit }) => [
      m.size({ datname }, bytes),
      m.limit({ datname }, connection_limit),
    ]),
});
