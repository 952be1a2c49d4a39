import { defineRule, type BlockedSession, type PostgresFacts } from '@submilli/core';
import { blocking } from '../collectors/blocking';
import { duration, run } from './action';

const all = (session: BlockedSession): readonly BlockedSession[] => [session, ...session.blocks.flatMap(all)];

export const ddlQueue = defineRule<PostgresFacts, { blocking: typeof blocking }>({
  name: 'ddl-queue',
  title: 'A statement that waits for an exclusive lock holds up everyone behind it',
  signal: 'sessions behind one that waits for an AccessExclusiveLock',
  threshold: 'any',
  inputs: { blocking },
  check: ({ blocking: { trees } }) =>
    trees
      .flatMap(({ root }) => all(root))
      .filter(({ lock, blocks }) => lock?.mode === 'AccessExclusiveLock' && blocks.length > 0)
      .slice(0, 1)
      .map((waiting) => ({
        subject: waiting.lock?.relation ?? 'a relation',
        severity: 'critical',
        title: `${waiting.blocks.length} sessions queue behind a statement that waits to lock ${waiting.lock?.relation ?? 'a relation'}`,
        why: 'It waits for a reader to finish, and every new reader waits for it: one ALTER TABLE stops the table. A lock_timeout makes it give up instead.',
        evidence: [
          { label: 'waits', value: `pid ${waiting.pid}`, unit: '' },
          { label: 'for', value: Math.round(waiting.waitingSeconds ?? 0), unit: 's' },
          { label: 'sessions behind it', value: waiting.blocks.length, unit: '' },
        ],
        action: run(
          'sql',
          `SELECT pg_cancel_backend(${waiting.pid});\n-- and run it again with:\nSET lock_timeout = '1s';`,
          false,
        ),
        impact: {
          what: 'sessions that wait',
          before: `${waiting.blocks.length}, for up to ${duration(waiting.waitingSeconds ?? 0)}`,
          after: '0',
          confidence: 'high',
          measured: 'pg_blocking_pids and pg_locks, at the last scrape',
        },
      })),
});
