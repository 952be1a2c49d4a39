import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { database } from '../collectors/database';
import { changeSince, databaseWindow } from '../samplers/database-window';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { bytes, roundUp, run, settingOf } from './action';

const MOST_WORK_MEM = 256 * 1024 ** 2;
/** In memory a sort takes more than its compact form on disk. */
const IN_MEMORY = 2;

export const temporaryFiles = defineRule<
  PostgresFacts,
  { database: typeof database; databaseWindow: typeof databaseWindow; settings: typeof settings }
>({
  name: 'temporary-files',
  title: 'Sorts and hashes spill to disk',
  signal: 'temporary files written in the window',
  threshold: 'any',
  inputs: { database, databaseWindow, settings },
  check: ({ database: rows, databaseWindow: window, settings: { settings: all } }, { config }) => {
    const setting = settingOf(all, 'work_mem');
    const now = setting === undefined ? null : baseValue(setting.setting, setting.unit);
    if (now === null) return { notEvaluated: 'work_mem is not known' };
    return rows.flatMap((row): Finding[] => {
      const change = changeSince(window, row);
      if (change === undefined || change.temp_files === 0) return [];
      const mean = change.temp_bytes / change.temp_files;
      const wanted = Math.min(MOST_WORK_MEM, Math.max(2 * now, mean * IN_MEMORY));
      return [
        {
          subject: row.database,
          severity: 'warning',
          title: `${change.temp_files} temporary files in ${row.database} within ${config.window_seconds} s, ${bytes(mean)} each`,
          why: 'A sort or hash that does not fit work_mem goes to disk and comes back: milliseconds where there were microseconds.',
          evidence: [
            { label: 'temporary files', value: change.temp_files, unit: '' },
            { label: 'written', value: change.temp_bytes, unit: 'bytes' },
            { label: 'work_mem', value: now, unit: 'bytes' },
          ],
          action: run(
            'sql',
            `-- for the role whose statements spill (pg_stat_statements.temp_blks_written), not for everybody:\nALTER ROLE the_role SET work_mem = '${roundUp(wanted)}';`,
            true,
          ),
          impact: {
            what: 'temporary files in the window',
            before: String(change.temp_files),
            after: wanted >= mean * IN_MEMORY ? 'none of mean size' : 'fewer',
            confidence: 'medium',
            measured: `mean size of the files × ${IN_MEMORY}, at most 256 MB; each sort of each session may take as much`,
          },
        },
      ];
    });
  },
});
