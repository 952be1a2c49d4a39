import { defineRule, type PostgresFacts } from '@submilli/core';
import { checkpointer } from '../collectors/checkpointer';
import { wal } from '../collectors/wal';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { alterSystem, bytes, roundUp, settingOf } from './action';

/** pganalyze’s and others’ common practice: below ten checkpoints a share says nothing. */
const ENOUGH = 10;
const MOST_SHARE = 0.1;
/** WAL is kept from the checkpoint before the last one on, and a peak is not the mean. */
const HEADROOM = 2 * 1.5;

export const requestedCheckpoints = defineRule<
  PostgresFacts,
  { checkpointer: typeof checkpointer; wal: typeof wal; settings: typeof settings }
>({
  name: 'requested-checkpoints',
  title: 'Checkpoints are forced by the amount of WAL',
  signal: 'share of checkpoints that were requested, since the statistics began',
  threshold: `${MOST_SHARE * 100} % of at least ${ENOUGH}`,
  inputs: { checkpointer, wal, settings },
  check: ({ checkpointer: [points], wal: [written], settings: { settings: all } }) => {
    const timeout = settingOf(all, 'checkpoint_timeout');
    const size = settingOf(all, 'max_wal_size');
    if (points === undefined || written === undefined || timeout === undefined || size === undefined) {
      return { notEvaluated: 'checkpoints, WAL or their settings could not be read' };
    }
    const total = points.timed + points.requested;
    if (total < ENOUGH) return { notEvaluated: `only ${total} checkpoints since the statistics began` };
    const share = points.requested / total;
    if (share <= MOST_SHARE) return [];
    if (written.stats_seconds === null || written.stats_seconds <= 0) {
      return { notEvaluated: 'since when WAL is counted is not known' };
    }
    const interval = baseValue(timeout.setting, timeout.unit) ?? 300;
    const now = baseValue(size.setting, size.unit) ?? 0;
    const needed = (written.bytes / written.stats_seconds) * interval * HEADROOM;
    const wanted = Math.max(needed, 2 * now);
    return [
      {
        subject: 'max_wal_size',
        severity: 'warning',
        title: `${(share * 100).toFixed(0)} % of checkpoints came before their time`,
        why: 'A forced checkpoint writes everything at once and makes the next writes of every page carry its full image; latency shows both.',
        evidence: [
          { label: 'requested', value: points.requested, unit: 'checkpoints' },
          { label: 'timed', value: points.timed, unit: 'checkpoints' },
          { label: 'WAL', value: Math.round(written.bytes / written.stats_seconds), unit: 'bytes/s on average' },
          { label: 'checkpoint_timeout', value: interval, unit: 's' },
          { label: 'max_wal_size', value: now, unit: 'bytes' },
        ],
        action: alterSystem('max_wal_size', roundUp(wanted), size.context),
        impact: {
          what: 'forced checkpoints; disk used by WAL',
          before: `${(share * 100).toFixed(0)} %; up to ${bytes(now)}`,
          after: `under ${MOST_SHARE * 100} %; up to ${bytes(wanted)}`,
          confidence: needed > 2 * now ? 'medium' : 'low',
          measured: `mean WAL rate × checkpoint_timeout × ${HEADROOM}, at least twice what it is`,
        },
      },
    ];
  },
});
