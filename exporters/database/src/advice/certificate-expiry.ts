import { defineRule, type PostgresFacts } from '@submilli/core';
import { certificate } from '../surveys/certificate';
import { run } from './action';

const WARNING_DAYS = 30;
const CRITICAL_DAYS = 7;
const DAY_MS = 86_400_000;

export const certificateExpiry = defineRule<PostgresFacts, { certificate: typeof certificate }>({
  name: 'certificate-expiry',
  title: 'The server’s certificate ends soon',
  signal: 'days until the certificate ends that the server shows to a new connection',
  threshold: `${WARNING_DAYS}, ${CRITICAL_DAYS}`,
  inputs: { certificate },
  check: ({ certificate: shown }, _env, now) =>
    shown
      .map(({ subject, validTo }) => ({ subject, validTo, days: (validTo - now) / DAY_MS }))
      .filter(({ days }) => days <= WARNING_DAYS)
      .map(({ subject, validTo, days }) => ({
        subject,
        severity: days <= CRITICAL_DAYS ? 'critical' : 'warning',
        title:
          days <= 0
            ? `The certificate ${subject} has ended`
            : `The certificate ${subject} ends in ${Math.floor(days)} days`,
        why: 'Clients that verify it will be refused from then on, all at once.',
        evidence: [{ label: 'ends', value: new Date(validTo).toISOString(), unit: '' }],
        action: run('sql', '-- put the new certificate and key in place, then:\nSELECT pg_reload_conf();', true),
        impact: {
          ...{ what: 'days left', before: String(Math.floor(days)), after: 'those of the new one', confidence: 'high' },
          measured: 'the certificate of our own connection',
        },
      })),
});
