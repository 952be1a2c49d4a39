import { defineRule, type BlockedSession, type PostgresFacts } from '@submilli/core';
import { blocking } from '../collectors/blocking';
import { duration, run } from './action';

const MOST_FINDINGS = 5;

const nameOf = (root: BlockedSession): string =>
  root.pid === 0 ? 'a prepared transaction' : `${root.user ?? '?'}@${root.database ?? '?'}`;

export const blockingChain = defineRule<PostgresFacts, { blocking: typeof blocking }>({
  name: 'blocking-chain',
  title: 'Sessions wait for one that holds a lock',
  signal: 'longest wait for a lock under one root',
  threshold: '`thresholds.blocked_warning_seconds`, `_critical_`',
  inputs: { blocking },
  check: ({ blocking: { trees } }, { config: { thresholds } }) =>
    trees
      .filter((tree) => tree.longestSeconds >= thresholds.blocked_warning_seconds)
      .slice(0, MOST_FINDINGS)
      .map(({ root, victims, depth, longestSeconds }) => ({
        // Not the pid: the same application blocking again is the same finding.
        subject: `${nameOf(root)} ${root.application ?? ''}`.trim(),
        severity: longestSeconds >= thresholds.blocked_critical_seconds ? 'critical' : 'warning',
        title: `${victims === 1 ? 'One session waits' : `${victims} sessions wait`} for ${nameOf(root)}, for up to ${duration(longestSeconds)}`,
        why:
          root.state === 'active'
            ? 'The session at the root is working; whoever waits for it can do nothing but wait.'
            : 'The session at the root does nothing: it left a transaction open, and everyone behind it waits.',
        evidence: [
          { label: 'root', value: root.pid === 0 ? 'prepared transaction' : `pid ${root.pid}`, unit: '' },
          { label: 'application', value: root.application ?? '', unit: '' },
          { label: 'state', value: root.state ?? '', unit: '' },
          { label: 'sessions that wait', value: victims, unit: '' },
          { label: 'depth', value: depth, unit: '' },
          { label: 'longest wait', value: Math.round(longestSeconds * 10) / 10, unit: 's' },
          { label: 'its transaction is open for', value: Math.round(root.transactionSeconds ?? 0), unit: 's' },
        ],
        action:
          root.pid === 0
            ? run(
                'sql',
                'SELECT gid, prepared, owner FROM pg_prepared_xacts ORDER BY prepared;\n-- then COMMIT PREPARED or ROLLBACK PREPARED',
                false,
              )
            : run(
                'sql',
                `SELECT pg_cancel_backend(${root.pid}); -- ends its statement\nSELECT pg_terminate_backend(${root.pid}); -- ends its transaction too`,
                false,
              ),
        impact: {
          what: 'sessions that wait',
          before: String(victims),
          after: '0',
          confidence: 'high',
          measured: 'pg_blocking_pids and pg_locks, at the last scrape',
        },
      })),
});
