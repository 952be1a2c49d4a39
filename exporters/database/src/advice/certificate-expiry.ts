import { defineRule, type PostgresFacts } from '@submilli/core';
import { tls } from '../collectors/tls';
import { run } from './action';

const WARNING_DAYS = 30;
const CRITICAL_DAYS = 7;
const DAY_MS = 86_400_000;

export const certificateExpiry = defineRule<PostgresFacts, { tls: typeof tls }>({
  name: 'certificate-expiry',
  title: 'The server’s certificate ends soon',
  signal: 'days until the certificate ends that was shown to our own connection',
  threshold: `${WARNING_DAYS}, ${CRITICAL_DAYS}`,
  inputs: { tls },
  check: ({ tls: { certificate } }, _env, now) => {
    if (certificate === null) return { notEvaluated: 'our own connection has no TLS: see sslmode of this target' };
    const days = (certificate.validTo - now) / DAY_MS;
    if (days > WARNING_DAYS) return [];
    return [
      {
        subject: certificate.subject,
        severity: days <= CRITICAL_DAYS ? 'critical' : 'warning',
        title:
          days <= 0
            ? `The certificate ${certificate.subject} has ended`
            : `The certificate ${certificate.subject} ends in ${Math.floor(days)} days`,
        why: 'Clients that verify it will be refused from then on, all at once.',
        evidence: [{ label: 'ends', value: new Date(certificate.validTo).toISOString(), unit: '' }],
        action: run('sql', '-- put the new certificate and key in place, then:\nSELECT pg_reload_conf();', true),
        impact: {
          ...{ what: 'days left', before: String(Math.floor(days)), after: 'those of the new one', confidence: 'high' },
          measured: 'the certificate of our own connection',
        },
      },
    ];
  },
});
