import { defineRule, type PostgresFacts } from '@submilli/core';
import { settingsFiles } from '../collectors/settings-files';
import { run } from './action';

export const settingsFileErrors = defineRule<PostgresFacts, { settingsFiles: typeof settingsFiles }>({
  name: 'settings-file-errors',
  title: 'The server would not start again',
  signal: 'errors in pg_file_settings',
  threshold: 'any',
  inputs: { settingsFiles },
  check: ({ settingsFiles: [row] }) =>
    row === undefined || row.errors === 0
      ? []
      : [
          {
            subject: 'configuration files',
            severity: 'critical',
            title: `${row.errors === 1 ? 'A line' : `${row.errors} lines`} of the configuration cannot be used`,
            why: 'It runs on with what it read before; a restart reads the files again and fails.',
            evidence: [{ label: 'first', value: row.first ?? '', unit: '' }],
            action: run(
              'sql',
              'SELECT sourcefile, sourceline, name, error FROM pg_file_settings WHERE error IS NOT NULL;',
              true,
            ),
            impact: {
              ...{ what: 'lines with errors', before: String(row.errors), after: '0', confidence: 'high' },
              measured: 'read from pg_file_settings',
            },
          },
        ],
});
