import { defineRule, type PostgresFacts } from '@submilli/core';
import { activity } from '../collectors/activity';
import { duration, MOST_FINDINGS, run } from './action';

export const idleInTransaction = defineRule<PostgresFacts, { activity: typeof activity }>({
  name: 'idle-in-transaction',
  title: 'A transaction is left open while nothing runs in it',
  signal: 'longest time a client has been idle inside a transaction',
  threshold: '`thresholds.idle_in_transaction_warning_seconds`, `_critical_`',
  inputs: { activity },
  check: ({ activity: rows }, { config: { thresholds } }) =>
    rows
      .filter((row) => (row.oldest_idle_in_transaction ?? 0) > thresholds.idle_in_transaction_warning_seconds)
      .sort((a, b) => (b.oldest_idle_in_transaction ?? 0) - (a.oldest_idle_in_transaction ?? 0))
      .slice(0, MOST_FINDINGS)
      .map((row) => ({
        subject: row.database,
        severity:
          (row.oldest_idle_in_transaction ?? 0) > thresholds.idle_in_transaction_critical_seconds
            ? 'critical'
            : 'warning',
        title: `A session in ${row.database} has been idle in a transaction for ${duration(row.oldest_idle_in_transaction ?? 0)}`,
        why: 'It keeps its locks, and keeps vacuum from removing anything deleted since it began.',
        evidence: [
          { label: 'longest', value: Math.round(row.oldest_idle_in_transaction ?? 0), unit: 's' },
          { label: 'sessions idle in transaction', value: row.sessions['idle in transaction'] ?? 0, unit: '' },
        ],
        action: run(
          'sql',
          `-- who:\nSELECT pid, usename, application_name, state_change FROM pg_stat_activity\n WHERE state LIKE 'idle in transaction%' ORDER BY state_change;\n-- for the role it is, from its next session on:\nALTER ROLE the_role SET idle_in_transaction_session_timeout = '10s';`,
          true,
        ),
        impact: {
          what: 'longest idle transaction',
          before: duration(row.oldest_idle_in_transaction ?? 0),
          after: 'the timeout',
          confidence: 'high',
          measured: 'state_change of pg_stat_activity',
        },
      })),
});
