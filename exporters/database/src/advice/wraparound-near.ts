import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { type WraparoundRow, wraparound, WRAPAROUND_LIMIT } from '../collectors/wraparound';
import { changeOf, type ServerChange, serverWindow } from '../samplers/server-window';
import { inDatabase } from './objects';
import { duration, MOST_FINDINGS, run } from './action';

/** A rate of less time than this says nothing about the months it is stretched over. */
const ENOUGH_SECONDS = 600;

const usedBy = (row: WraparoundRow): number => Math.max(row.xid_age, row.multixact_age) / WRAPAROUND_LIMIT;

/** Seconds until the ids that are used up sooner are gone, at the rate of the window; null while that is not known. */
const secondsLeft = (row: WraparoundRow, change: ServerChange | undefined): number | null => {
  if (change === undefined || change.seconds < ENOUGH_SECONDS) return null;
  const left = (age: number, used: number): number =>
    used <= 0 ? Infinity : (WRAPAROUND_LIMIT - age) / (used / change.seconds);
  const soonest = Math.min(left(row.xid_age, change.xid), left(row.multixact_age, change.multixact));
  return Number.isFinite(soonest) ? soonest : null;
};

export const wraparoundNear = defineRule<
  PostgresFacts,
  { wraparound: typeof wraparound; serverWindow: typeof serverWindow }
>({
  name: 'wraparound-near',
  title: 'Transaction ids run out',
  signal: 'age of the oldest transaction id or multixact against 2^31; when they are gone, at the measured rate',
  threshold: '`thresholds.wraparound_warning`, `_critical` (autovacuum should be at 9 %, its failsafe begins at 75 %)',
  inputs: { wraparound, serverWindow },
  check: ({ wraparound: rows, serverWindow: window }, { config: { thresholds } }) =>
    rows
      .filter((row) => 100 * usedBy(row) >= thresholds.wraparound_warning)
      .sort((a, b) => usedBy(b) - usedBy(a))
      .slice(0, MOST_FINDINGS)
      .map((row): Finding => {
        const change = changeOf(window);
        const left = secondsLeft(row, change);
        return {
          subject: row.database,
          severity: 100 * usedBy(row) >= thresholds.wraparound_critical ? 'critical' : 'warning',
          title: `${row.database} has used ${(usedBy(row) * 100).toFixed(0)} % of its transaction ids${left === null ? '' : `; at today’s rate the rest lasts ${duration(left)}`}`,
          why: 'At the limit the server refuses every write until the database has been vacuumed. Autovacuum should have frozen it long ago: something holds it back (xmin horizon), or it is too slow.',
          evidence: [
            { label: 'age of transaction ids', value: row.xid_age, unit: 'transactions' },
            { label: 'age of multixacts', value: row.multixact_age, unit: 'multixacts' },
            { label: 'autovacuum_freeze_max_age', value: row.autovacuum_freeze_max_age, unit: 'transactions' },
            { label: 'limit', value: WRAPAROUND_LIMIT, unit: 'transactions' },
            ...(change === undefined || left === null
              ? []
              : [
                  {
                    label: `transaction ids used, mean of ${duration(change.seconds)}`,
                    value: Number((change.xid / change.seconds).toPrecision(3)),
                    unit: '1/s',
                  },
                  { label: 'gone in', value: Math.round(left), unit: 's' },
                ]),
          ],
          action: run(
            'sql',
            inDatabase(
              row.database,
              `-- the oldest tables first:\nSELECT c.oid::regclass, age(c.relfrozenxid), mxid_age(c.relminmxid) FROM pg_class c\n WHERE c.relkind IN ('r', 'm', 't') ORDER BY greatest(age(c.relfrozenxid), mxid_age(c.relminmxid)) DESC LIMIT 20;\nVACUUM (FREEZE, VERBOSE) the_table;`,
            ),
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
        };
      }),
});
