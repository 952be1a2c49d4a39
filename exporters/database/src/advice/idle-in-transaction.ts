import { defineRule, type PostgresFacts } from '@submilli/core';
import { activity } from '../collectors/activity';
import { duration, run } from './action';

/** advisor practice: a minute is long for any application, and an eternity for one that counts microseconds. */
const LONG_SECONDS = 60;

export const idleInTransaction = defineRule<PostgresFacts, { activity: typeof activity }>({
  name: 'idle-in-transaction',
  title: 'A transaction is left open while nothing runs in it',
  signal: 'longest time a client has been idle inside a transaction',
  threshold: `${LONG_SECONDS} s`,
  inputs: { activity },
  check: ({ activity: rows }) =>
    rows
      .filter((row) => (row.oldest_idle_in_transaction ?? 0) > LONG_SECONDS)
      .map((row) => ({
        subject: row.database,
        severity: 'warning',
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
