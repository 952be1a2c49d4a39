import {
  defineCollector,
  type Deadline,
  type Env,
  gauge,
  type PeerCertificate,
  type PostgresFacts,
  type SqlSession,
} from '@submilli/core';
import { z } from 'zod';

const row = z.object({ encrypted: z.number(), plain: z.number(), plain_remote: z.number() });

export type Tls = {
  /** Client sessions over the network. */
  readonly sessions: z.infer<typeof row>;
  /** What the server showed us when we connected; null if that was without TLS. */
  readonly certificate: PeerCertificate | null;
};

/** Sessions over a Unix socket don't leave the machine and are not counted. */
const sql = `
  SELECT count(*) FILTER (WHERE s.ssl) AS encrypted, count(*) FILTER (WHERE NOT s.ssl) AS plain,
         count(*) FILTER (WHERE NOT s.ssl AND NOT a.client_addr <<= ANY ('{127.0.0.0/8,::1}'::pg_catalog.inet[])) AS plain_remote
    FROM pg_catalog.pg_stat_ssl s
    JOIN pg_catalog.pg_stat_activity a ON a.pid = s.pid
   WHERE a.client_addr IS NOT NULL`;

const read = async (session: SqlSession, _env: Env<PostgresFacts>, deadline: Deadline): Promise<Tls> => {
  const [first] = await session.query(sql, [], deadline);
  return { sessions: row.parse(first), certificate: session.certificate() };
};

export const tls = defineCollector({
  name: 'tls',
  source: 'pg_stat_ssl, and the certificate of our own connection',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    sessions: gauge('db_network_sessions', 'Sessions over the network, WAL senders too, by whether they use TLS.', [
      'tls',
    ]),
    expiry: gauge(
      'db_tls_certificate_expiry_timestamp_seconds',
      'When the server’s certificate ends, as shown to our own connection; absent if that has no TLS (see sslmode).',
      ['subject'],
    ),
  },
  read,
  publish: ({ sessions, certificate }: Tls, m) => [
    m.sessions({ tls: 'true' }, sessions.encrypted),
    m.sessions({ tls: 'false' }, sessions.plain),
    ...(certificate === null ? [] : [m.expiry({ subject: certificate.subject }, certificate.validTo / 1000)]),
  ],
});
