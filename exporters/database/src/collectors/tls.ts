import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({ encrypted: z.number(), plain: z.number(), plain_remote: z.number() });

/** Client sessions over the network. */
export type TlsRow = z.infer<typeof row>;

/** Sessions over a Unix socket don't leave the machine and are not counted. */
const sql = `
  SELECT count(*) FILTER (WHERE s.ssl) AS encrypted, count(*) FILTER (WHERE NOT s.ssl) AS plain,
         count(*) FILTER (WHERE NOT s.ssl AND NOT a.client_addr <<= ANY ('{127.0.0.0/8,::1}'::pg_catalog.inet[])) AS plain_remote
    FROM pg_catalog.pg_stat_ssl s
    JOIN pg_catalog.pg_stat_activity a ON a.pid = s.pid
   WHERE a.client_addr IS NOT NULL`;

export const tls = defineCollector({
  name: 'tls',
  source: 'pg_stat_ssl',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    sessions: gauge('db_network_sessions', 'Sessions over the network, WAL senders too, by whether they use TLS.', [
      'tls',
    ]),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly TlsRow[], m) =>
    rows.flatMap((r) => [m.sessions({ tls: 'true' }, r.encrypted), m.sessions({ tls: 'false' }, r.plain)]),
});
