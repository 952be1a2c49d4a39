import { defineCollector, gauge } from '@submilli/core';
import { readShow, type ShowRow, textOf } from '../show';

/** PAUSE and SUSPEND without a name stop all traffic, and show nowhere else: SHOW DATABASES keeps saying "not paused". */
export const state = defineCollector({
  name: 'state',
  source: 'SHOW STATE',
  needs: { pgbouncer: '1.19' },
  metrics: {
    state: gauge('db_pool_state', 'Which state all of PgBouncer is in: 1 for it, 0 for the others.', ['state']),
  },
  read: readShow('SHOW STATE', 'key'),
  publish: (rows: readonly ShowRow[], m) =>
    rows.map((row) => {
      const said = textOf(row, 'value');
      return m.state({ state: textOf(row, 'key') }, said === 'yes' ? 1 : said === 'no' ? 0 : null);
    }),
});
