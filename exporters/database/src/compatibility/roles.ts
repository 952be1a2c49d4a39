import { defineCollector, readRows } from '@submilli/core';
import { z } from 'zod';
import { needs, peerGauge, PREFIX } from './peer';

const row = z.object({ rolname: z.string(), connection_limit: z.number() });

const sql = `
  SELECT r.rolname::text AS rolname, r.rolconnlimit AS connection_limit
    FROM pg_catalog.pg_roles r
   ORDER BY r.oid`;

export const compatRoles = defineCollector({
  name: `${PREFIX}roles`,
  source: 'pg_roles',
  needs,
  every: 60,
  metrics: {
    limit: peerGauge('pg_roles_connection_limit', 'Connection limit of the role; -1 is no limit.', ['rolname']),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly z.infer<typeof row>[], m) =>
    rows.map(({ rolname, connection_limit }) => m.limit({ rolname }, connection_limit)),
});
