import { defineRule, type PostgresFacts } from '@submilli/core';
import { type WraparoundRow, wraparound, WRAPAROUND_LIMIT } from '../collectors/wraparound';
import { run } from './action';

/** Shares of the hard limit; autovacuum’s own alarm is at about 9 % (autovacuum_freeze_max_age), its failsafe at 75 %. */
const WARNING = 0.4;
const CRITICAL = 0.6;

const usedBy = (row: WraparoundRow): number => Math.max(row.xid_age, row.multixact_age) / WRAPAROUND_LIMIT;

export const wraparoundNear = defineRule<PostgresFacts, { wraparound: typeof wraparound }>({
  name: 'wraparound-near',
  title: 'Transaction ids run out',
  signal: 'age of the oldest transaction id or multixact against 2^31',
  threshold: `${WARNING * 100} %, ${CRITICAL * 100} %`,
  inputs: { wraparound },
  check: ({ wraparound: rows }) =>
    rows
      .filter((row) => usedBy(row) >= WARNING)
      .map((row) => ({
        subject: row.database,
        severity: usedBy(row) >= CRITICAL ? 'critical' : 'warning',
        title: `${row.database} has used ${(usedBy(row) * 100).toFixed(0)} % of its transaction ids`,
        why: 'At the limit the server refuses every write until the database has been vacuumed. Autovacuum should have frozen it long ago: something holds it back (xmin horizon), or it is too slow.',
        evidence: [
          { label: 'age of transaction ids', value: row.xid_age, unit: 'transactions' },
          { label: 'age of multixacts', value: row.multixact_age, unit: 'multixacts' },
          { label: 'autovacuum_freeze_max_age', value: row.autovacuum_freeze_max_age, unit: 'transactions' },
          { label: 'limit', value: WRAPAROUND_LIMIT, unit: 'transactions' },
        ],
        action: run(
          'sql',
          `-- in ${row.database}, the oldest tables first:\nSELECT c.oid::regclass, age(c.relfrozenxid) FROM pg_class c\n WHERE c.relkind IN ('r', 'm', 't') ORDER BY 2 DESC LIMIT 20;\nVACUUM (FREEZE, VERBOSE) the_table;`,
          false,
          'SHARE UPDATE EXCLUSIVE',
        ),
        impact: {
          what: 'share of transaction ids used',
          before: `${(usedBy(row) * 100).toFixed(0)} %`,
          after: 'about 2 %',
          confidence: 'high',
          measured: 'age(datfrozenxid) and mxid_age(datminmxid)',
        },
      })),
});
