import { defineRule, type PostgresFacts } from '@submilli/core';
import { checkpointer } from '../collectors/checkpointer';
import { wal } from '../collectors/wal';
import { serverWindow } from '../samplers/server-window';
import { settings } from '../samplers/settings';
import { baseValue } from '../settings/units';
import { alterSystem, bytes, roundUp, settingOf } from './action';
import { lifetimeOf, observed } from './observed';

/** pganalyze’s and others’ common practice: below ten checkpoints a share says nothing. */
const ENOUGH = 10;
const MOST_SHARE = 0.1;
/** WAL is kept from the checkpoint before the last one on, and a peak is not the mean. */
const HEADROOM = 2 * 1.5;

export const requestedCheckpoints = defineRule<
  PostgresFacts,
  {
    checkpointer: typeof checkpointer;
    wal: typeof wal;
    serverWindow: typeof serverWindow;
    settings: typeof settings;
  }
>({
  name: 'requested-checkpoints',
  title: 'Checkpoints are forced by the amount of WAL',
  signal: `share of checkpoints that were requested, in the last hours once there were ${ENOUGH}, until then since the statistics began`,
  threshold: `${MOST_SHARE * 100} % of at least ${ENOUGH}`,
  inputs: { checkpointer, wal, serverWindow, settings },
  check: ({ checkpointer: [points], wal: [written], serverWindow: window, settings: { settings: all } }) => {
    const timeout = settingOf(all, 'checkpoint_timeout');
    const size = settingOf(all, 'max_wal_size');
    if (points === undefined || written === undefined || timeout === undefined || size === undefined) {
      return { notEvaluated: 'checkpoints, WAL or their settings could not be read' };
    }
    const { timed, requested, walBytes, seconds, over } = observed(
      window,
      lifetimeOf(points, written),
      (seen) => seen.timed + seen.requested >= ENOUGH,
    );
    const total = timed + requested;
    if (total < ENOUGH) return { notEvaluated: `only ${total} checkpoints ${over}` };
    const share = requested / total;
    if (share <= MOST_SHARE) return [];
    if (seconds === null || seconds <= 0) return { notEvaluated: 'since when WAL is counted is not known' };
    const interval = baseValue(timeout.setting, timeout.unit) ?? 300;
    const now = baseValue(size.setting, size.unit) ?? 0;
    const rate = walBytes / seconds;
    const needed = rate * interval * HEADROOM;
    const wanted = Math.max(needed, 2 * now);
    return [
      {
        subject: 'max_wal_size',
        severity: 'warning',
        title: `${(share * 100).toFixed(0)} % of checkpoints came before their time, ${over}`,
        why: 'A forced checkpoint writes everything at once and makes the next writes of every page carry its full image; latency shows both.',
        evidence: [
          { label: 'requested', value: requested, unit: 'checkpoints' },
          { label: 'timed', value: timed, unit: 'checkpoints' },
          { label: 'WAL', value: Math.round(rate), unit: 'bytes/s on average' },
          { label: 'checkpoint_timeout', value: interval, unit: 's' },
          { label: 'max_wal_size', value: now, unit: 'bytes' },
        ],
        action: alterSystem(all, 'max_wal_size', roundUp(wanted)),
        impact: {
          what: 'forced checkpoints; disk used by WAL',
          before: `${(share * 100).toFixed(0)} %; up to ${bytes(now)}`,
          after: `under ${MOST_SHARE * 100} %; up to ${bytes(wanted)}`,
          confidence: needed > 2 * now ? 'medium' : 'low',
          measured: `mean WAL rate × checkpoint_timeout × ${HEADROOM}, at least twice what it is; CHECKPOINT and base backups count as requested too`,
        },
      },
    ];
  },
});
