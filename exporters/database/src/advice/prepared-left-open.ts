import { defineRule, type PostgresFacts } from '@submilli/core';
import { prepared } from '../collectors/prepared';
import { duration, run } from './action';

const LONG_SECONDS = 300;

export const preparedLeftOpen = defineRule<PostgresFacts, { prepared: typeof prepared }>({
  name: 'prepared-left-open',
  title: 'A prepared transaction was forgotten',
  signal: 'age of the oldest prepared transaction',
  threshold: `${LONG_SECONDS} s`,
  inputs: { prepared },
  check: ({ prepared: rows }) =>
    rows
      .filter(({ oldest }) => oldest > LONG_SECONDS)
      .map((row) => ({
        subject: row.database,
        severity: 'warning',
        title: `A transaction prepared in ${row.database} has been open for ${duration(row.oldest)}`,
        why: 'It keeps its locks over disconnects and restarts, until somebody commits it or rolls it back.',
        evidence: [
          { label: 'prepared transactions', value: row.transactions, unit: '' },
          { label: 'oldest', value: Math.round(row.oldest), unit: 's' },
        ],
        action: run(
          'sql',
          'SELECT gid, prepared, owner FROM pg_prepared_xacts ORDER BY prepared;\n-- then, as the transaction manager says: COMMIT PREPARED or ROLLBACK PREPARED',
          false,
        ),
        impact: {
          ...{ what: 'prepared transactions', before: String(row.transactions), after: '0', confidence: 'high' },
          measured: 'counted in pg_prepared_xacts',
        },
      })),
});
