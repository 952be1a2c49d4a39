import { defineRule, type PostgresFacts } from '@submilli/core';
import { size } from '../surveys/size';
import { bufferHit } from '../derived/buffer-hit';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { alterSystem, bytes, roundUp, settingOf } from './action';

/** PostgreSQL’s default, made so that it starts anywhere. */
const DEFAULT_BYTES = 128 * 1024 ** 2;

export const sharedBuffersSmall = defineRule<
  PostgresFacts,
  { settings: typeof settings; size: typeof size; bufferHit: typeof bufferHit }
>({
  name: 'shared-buffers-small',
  title: 'shared_buffers is at its default while blocks are read from outside',
  signal: '`shared_buffers`, size of the databases, buffer hit ratio over the window',
  threshold: 'at most 128 MB, databases four times as large, hits below `thresholds.buffer_hit_ratio_warning`',
  inputs: { settings, size, bufferHit },
  check: ({ settings: { settings: all }, size: sizes, bufferHit: ratios }, { config: { thresholds } }) => {
    const setting = settingOf(all, 'shared_buffers');
    const now = setting === undefined ? null : baseValue(setting.setting, setting.unit);
    if (setting === undefined || now === null) return { notEvaluated: 'shared_buffers is not known' };
    const total = sizes.reduce((sum, row) => sum + row.bytes, 0);
    const missing = [...ratios].filter(
      (entry): entry is [string, number] => entry[1] !== null && entry[1] * 100 < thresholds.buffer_hit_ratio_warning,
    );
    if (now > DEFAULT_BYTES || total < 4 * now || missing.length === 0) return [];
    const wanted = Math.min(8 * 1024 ** 3, total / 4);
    return [
      {
        subject: 'shared_buffers',
        severity: 'warning',
        title: `shared_buffers is ${bytes(now)} for ${bytes(total)} of data`,
        why: 'Blocks that are not there are asked of the kernel, at best a copy and at worst a disk away.',
        evidence: [
          { label: 'shared_buffers', value: now, unit: 'bytes' },
          { label: 'databases', value: total, unit: 'bytes' },
          ...missing.slice(0, 5).map(([database, ratio]) => ({
            ...{ label: `hits in ${database}`, value: Number((ratio * 100).toFixed(1)), unit: '%' },
          })),
        ],
        action: alterSystem(all, 'shared_buffers', roundUp(wanted)),
        impact: {
          what: 'shared_buffers',
          before: bytes(now),
          after: `${bytes(wanted)}, but not more than a quarter of the machine’s memory, which SQL cannot see`,
          confidence: 'low',
          measured: 'a quarter of the data, at most 8 GB',
        },
      },
    ];
  },
});
