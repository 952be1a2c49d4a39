import { defineRule, type PostgresFacts } from '@submilli/core';
import { wal } from '../collectors/wal';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { serverWindow } from '../samplers/server-window';
import { alterSystem, bytes, roundUp, settingOf } from './action';
import { lifetimeOf, observed } from './observed';

/** One write forced by full buffers in a hundred writes is more than bad luck. */
const MOST_SHARE = 0.01;
const ENOUGH = 1000;

export const walBuffersFull = defineRule<
  PostgresFacts,
  { wal: typeof wal; serverWindow: typeof serverWindow; settings: typeof settings }
>({
  name: 'wal-buffers-full',
  title: 'WAL buffers are too small',
  signal: 'writes of WAL because its buffers were full, against all its writes',
  threshold: `${MOST_SHARE * 100} % of at least ${ENOUGH}`,
  inputs: { wal, serverWindow, settings },
  check: ({ wal: [row], serverWindow: window, settings: { settings: all } }) => {
    const setting = settingOf(all, 'wal_buffers');
    const now = setting === undefined ? null : baseValue(setting.setting, setting.unit);
    if (row === undefined || setting === undefined || now === null) return { notEvaluated: 'wal_buffers is not known' };
    const { walWrites, walBuffersFull, over } = observed(
      window,
      lifetimeOf(undefined, row),
      (seen) => seen.walWrites >= ENOUGH,
    );
    if (walWrites < ENOUGH) return { notEvaluated: `only ${walWrites} writes of WAL ${over}` };
    const share = walBuffersFull / walWrites;
    if (share <= MOST_SHARE) return [];
    const wanted = Math.max(64 * 1024 ** 2, 2 * now);
    return [
      {
        subject: 'wal_buffers',
        severity: 'info',
        title: `${(share * 100).toFixed(1)} % of WAL writes were forced by full buffers`,
        why: 'A session that finds the buffers full writes WAL itself, in the middle of its statement.',
        evidence: [
          { label: 'forced writes', value: walBuffersFull, unit: '' },
          { label: 'all writes', value: walWrites, unit: '' },
          { label: 'wal_buffers', value: now, unit: 'bytes' },
        ],
        action: alterSystem(all, 'wal_buffers', roundUp(wanted)),
        impact: {
          what: 'wal_buffers',
          before: bytes(now),
          after: bytes(wanted),
          confidence: 'medium',
          measured: `counters of pg_stat_wal, ${over}`,
        },
      },
    ];
  },
});
