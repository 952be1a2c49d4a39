import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { database } from '../collectors/database';
import { changeSince, databaseWindow } from '../samplers/database-window';
import { run } from './action';

export const deadlocks = defineRule<
  PostgresFacts,
  { database: typeof database; databaseWindow: typeof databaseWindow }
>({
  name: 'deadlocks',
  title: 'Sessions wait for each other in a circle',
  signal: 'deadlocks in the window',
  threshold: 'any',
  inputs: { database, databaseWindow },
  check: ({ database: rows, databaseWindow: window }, { config }) =>
    rows.flatMap((row): Finding[] => {
      const found = changeSince(window, row)?.deadlocks ?? 0;
      if (found === 0) return [];
      return [
        {
          subject: row.database,
          severity: 'warning',
          title: `${found} deadlocks in ${row.database} within ${config.window_seconds} s`,
          why: 'One of the sessions is cancelled, after all of them have waited for deadlock_timeout.',
          evidence: [{ label: 'deadlocks', value: found, unit: '' }],
          action: run(
            'sql',
            "-- the statements and rows are in the log; with this, waits are too:\nALTER SYSTEM SET log_lock_waits = 'on';\nSELECT pg_reload_conf();\n-- the cure is in the application: touch rows in one order everywhere",
            true,
          ),
          impact: {
            ...{ what: 'deadlocks in the window', before: String(found), after: '0', confidence: 'high' },
            measured: 'counter of pg_stat_database',
          },
        },
      ];
    }),
});
