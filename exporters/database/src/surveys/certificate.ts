import { defineSurvey, gauge, type PeerCertificate, type Readings, type SqlSession } from '@submilli/core';

/**
 * Shown to a connection made for it: one that is kept open goes on with the certificate that it began with, long after
 * the server has a new one.
 */
export const certificate = defineSurvey({
  name: 'certificate',
  source: 'the certificate that the server shows to a new connection',
  needs: { tls: true },
  scope: 'server',
  metrics: {
    expiry: gauge(
      'db_tls_certificate_expiry_timestamp_seconds',
      'When the certificate ends that the server shows to a new connection; absent if ours has no TLS (see sslmode).',
      ['subject'],
    ),
  },
  interval: ({ survey_interval_seconds }) => survey_interval_seconds,
  start: (): readonly PeerCertificate[] => [],
  read: (session: SqlSession) => Promise.resolve(session.certificate()),
  fold: (_before, readings: Readings<PeerCertificate | null>) =>
    [...readings.values()].filter((shown) => shown !== null),
  publish: (shown, m) => shown.map(({ subject, validTo }) => m.expiry({ subject }, validTo / 1000)),
});
