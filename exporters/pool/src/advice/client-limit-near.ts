import { defineRule, type Finding } from '@submilli/core';
import { saturation } from '../derived/saturation';
import type { PoolFacts } from '../source';
import type { Use } from '../saturation/saturation';
import { iniLines, MOST_FINDINGS, quoted } from './ini';

const CLIENT_LIMITS: readonly string[] = [
  'max_client_conn',
  'max_db_client_connections',
  'max_user_client_connections',
];

export const clientLimitNear = defineRule<PoolFacts, { saturation: typeof saturation }>({
  name: 'client-limit-near',
  title: 'New clients will soon be turned away',
  signal: 'clients against max_client_conn and its like',
  threshold: '`thresholds.connection_utilization_warning`, `_critical`',
  inputs: { saturation },
  check: ({ saturation: { uses } }, { config: { thresholds } }) =>
    uses
      .filter(({ limit }) => CLIENT_LIMITS.includes(limit))
      .map((use) => ({ ...use, percent: (100 * use.used) / use.max }))
      .filter(({ percent }) => percent >= thresholds.connection_utilization_warning)
      .sort((a, b) => b.percent - a.percent)
      .slice(0, MOST_FINDINGS)
      .map(({ limit, database, user, used, max, percent }): Finding => ({
        subject: [limit, database, user].filter((part) => part !== '').join(' '),
        severity: percent >= thresholds.connection_utilization_critical ? 'critical' : 'warning',
        title: `${used} of ${max} clients are connected (${limit}${database === '' ? '' : ` of ${database}`})`,
        why: 'At the limit PgBouncer refuses every new client; clients cost it a few kilobytes each, servers none.',
        evidence: [
          { label: 'clients', value: used, unit: '' },
          { label: limit, value: max, unit: '' },
        ],
        action: actionFor({ limit, database, user }, 2 * max),
        impact: {
          ...{ what: 'clients until refusal', before: String(max - used), after: String(2 * max - used) },
          ...{ confidence: 'high', measured: 'counted by PgBouncer' },
        },
      })),
});

/** The line where this limit is set: of all, of one database, or of one user. PgBouncer knows comments only on lines of their own. */
const actionFor = ({ limit, database, user }: Omit<Use, 'used' | 'max'>, wanted: number): Finding['action'] => {
  const [section, name] = database === '' ? ['users', user] : ['databases', database];
  const line = name === '' ? `${limit} = ${wanted}` : `; in [${section}]\n${quoted(name)} = … ${limit}=${wanted}`;
  return iniLines(`; needs as many file descriptors (LimitNOFILE of the service, which a restart raises)\n${line}`);
};
