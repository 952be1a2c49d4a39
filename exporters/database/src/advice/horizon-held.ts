import { defineRule, type PostgresFacts, quoteLiteral } from '@submilli/core';
import { type XminHolder, xminHorizon } from '../collectors/xmin-horizon';
import { duration, run } from './action';

const MOST_SECONDS = 3600;
const MOST_TRANSACTIONS = 10_000_000;
const MOST_FINDINGS = 10;

const words: Readonly<Record<XminHolder['holder'], string>> = {
  backend: 'A session of',
  replication_slot: 'The replication slot',
  prepared_transaction: 'The prepared transaction',
  standby: 'The standby',
};

const actionFor = ({ holder, name, pid }: XminHolder) => {
  switch (holder) {
    case 'backend':
      return run('sql', `SELECT pg_terminate_backend(${pid ?? 'pid'}); -- ends its transaction`, false);
    case 'replication_slot':
      // In use: it holds for its standby (hot_standby_feedback) or its subscriber, and cannot be dropped.
      if (pid !== null) {
        return run(
          'sql',
          `-- somebody streams from it: a standby with hot_standby_feedback and a long query, or a subscriber that lags\nSELECT application_name, client_addr, state, backend_xmin FROM pg_stat_replication WHERE pid = ${pid};\n-- there: end the query, or hot_standby_feedback = off; or let the subscriber catch up`,
          true,
        );
      }
      return run(
        'sql',
        `SELECT pg_drop_replication_slot(${quoteLiteral(name)}); -- if nobody will come back for it`,
        false,
      );
    case 'prepared_transaction':
      return run('sql', `ROLLBACK PREPARED ${quoteLiteral(name)}; -- or COMMIT PREPARED, as its owner says`, false);
    case 'standby':
      return run(
        'config',
        'hot_standby_feedback = off  # on the standby; its long queries may then be cancelled',
        true,
      );
  }
};

export const horizonHeld = defineRule<PostgresFacts, { xminHorizon: typeof xminHorizon }>({
  name: 'horizon-held',
  title: 'Vacuum cannot remove dead rows',
  signal: 'age of what keeps old row versions visible',
  threshold: `${MOST_SECONDS / 3600} h, or ${MOST_TRANSACTIONS / 1e6} million transactions`,
  inputs: { xminHorizon },
  check: ({ xminHorizon: { holders } }) =>
    holders
      .filter(({ age, seconds }) => age > MOST_TRANSACTIONS || (seconds ?? 0) > MOST_SECONDS)
      .slice(0, MOST_FINDINGS)
      .map((found) => ({
        subject: `${found.holder} ${found.name}`,
        severity: 'critical',
        title: `${words[found.holder]} ${found.name} keeps vacuum from removing anything newer${found.seconds === null ? '' : ` for ${duration(found.seconds)} now`}`,
        why: 'Every table grows by its dead rows until it lets go, and in the end transaction ids run out.',
        evidence: [
          { label: 'age', value: found.age, unit: 'transactions' },
          ...(found.seconds === null ? [] : [{ label: 'held for', value: Math.round(found.seconds), unit: 's' }]),
          ...(found.pid === null ? [] : [{ label: 'pid', value: found.pid, unit: '' }]),
        ],
        action: actionFor(found),
        impact: {
          what: 'transactions whose dead rows stay',
          before: String(found.age),
          after: '0',
          confidence: 'high',
          measured: 'backend_xmin, xmin of slots, prepared transactions',
        },
      })),
});
