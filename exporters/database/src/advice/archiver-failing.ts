import { defineRule, type PostgresFacts } from '@submilli/core';
import { archiver } from '../collectors/archiver';
import { duration, run } from './action';

export const archiverFailing = defineRule<PostgresFacts, { archiver: typeof archiver }>({
  name: 'archiver-failing',
  title: 'WAL is not archived',
  signal: 'last failure of the archiver against its last success',
  threshold: 'the failure is later',
  inputs: { archiver },
  check: ({ archiver: rows }, _env, now) =>
    rows
      .filter(({ last_failed, last_archived }) => (last_failed ?? -Infinity) > (last_archived ?? -Infinity))
      .map((row) => ({
        subject: 'archive_command',
        severity: 'critical',
        title:
          row.last_archived === null
            ? 'Archiving has never worked since the statistics began'
            : `No WAL has been archived for ${duration(now / 1000 - row.last_archived)}`,
        why: 'Backups cannot be restored beyond the last archived file, and WAL piles up in pg_wal until the disk is full.',
        evidence: [
          { label: 'failures', value: row.failed, unit: '' },
          { label: 'archived', value: row.archived, unit: 'files' },
          { label: 'last file that failed', value: row.last_failed_wal ?? '', unit: '' },
        ],
        action: run(
          'command',
          '# run it by hand as the server’s account; its words are in the server’s log\npsql -c "SHOW archive_command"',
          true,
        ),
        impact: {
          what: 'WAL beyond the last archived file',
          before: 'not recoverable elsewhere',
          after: 'archived',
          confidence: 'high',
          measured: 'pg_stat_archiver',
        },
      })),
});
