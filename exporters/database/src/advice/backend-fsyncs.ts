import { defineRule, type PostgresFacts } from '@submilli/core';
import { changeOf, serverWindow } from '../samplers/server-window';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { alterSystem, bytes, duration, roundUp, settingOf } from './action';

export const backendFsyncs = defineRule<
  PostgresFacts,
  { serverWindow: typeof serverWindow; settings: typeof settings }
>({
  name: 'backend-fsyncs',
  title: 'Sessions have to flush data files themselves',
  signal: 'flushes of data files by client sessions over the last hours',
  threshold: 'any',
  inputs: { serverWindow, settings },
  check: ({ serverWindow: window, settings: { settings: all } }) => {
    const change = changeOf(window);
    if (change === undefined) return { notEvaluated: 'the server was read only once yet' };
    if (change.backendFsyncs === 0) return [];
    const setting = settingOf(all, 'shared_buffers');
    const now = setting === undefined ? null : baseValue(setting.setting, setting.unit);
    if (now === null) return { notEvaluated: 'shared_buffers is not known' };
    return [
      {
        subject: 'shared_buffers',
        severity: 'warning',
        title: `Sessions flushed files ${change.backendFsyncs} times in ${duration(change.seconds)}`,
        why: 'The checkpointer’s list of files to flush was full, so a session flushed in the middle of its statement. The list is as long as shared_buffers has pages.',
        evidence: [
          { label: 'flushes by sessions', value: change.backendFsyncs, unit: '' },
          { label: 'shared_buffers', value: now, unit: 'bytes' },
        ],
        action: alterSystem(all, 'shared_buffers', roundUp(2 * now)),
        impact: {
          what: 'flushes by sessions',
          before: String(change.backendFsyncs),
          after: `0, with shared_buffers of ${bytes(2 * now)} if the machine has the memory, which SQL cannot see`,
          confidence: 'medium',
          measured: 'counter of pg_stat_bgwriter, of pg_stat_io from 17 on',
        },
      },
    ];
  },
});
