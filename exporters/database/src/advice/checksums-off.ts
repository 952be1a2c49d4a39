import { defineRule, type PostgresFacts } from '@submilli/core';
import { settings } from '../samplers/settings';
import { run, settingOf } from './action';

export const checksumsOff = defineRule<PostgresFacts, { settings: typeof settings }>({
  name: 'checksums-off',
  title: 'Damaged pages are not noticed',
  signal: '`data_checksums`',
  threshold: 'off',
  inputs: { settings },
  check: ({ settings: { settings: all } }) =>
    settingOf(all, 'data_checksums')?.setting !== 'off'
      ? []
      : [
          {
            subject: 'data_checksums',
            severity: 'info',
            title: 'Data pages have no checksums',
            why: 'A page that the storage damaged is read as if it were sound, and copied to standbys and backups.',
            evidence: [{ label: 'data_checksums', value: 'off', unit: '' }],
            action: run('command', '# with the server stopped:\npg_checksums --enable -D "$PGDATA"', true),
            impact: {
              what: 'damage that is noticed',
              before: 'none',
              after: 'every page read',
              confidence: 'high',
              measured: 'read from pg_settings; enabling rewrites every page while the server is down',
            },
          },
        ],
});
