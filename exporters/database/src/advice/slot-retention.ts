import { defineRule, type Finding, type PostgresFacts, quoteLiteral } from '@submilli/core';
import { type SlotRow, slots } from '../collectors/slots';
import { settings } from '../samplers/settings';
import { bytes, duration, run, settingOf } from './action';

/** An inactive slot that keeps less may just be between two connections. */
const MUCH_BYTES = 1024 ** 3;

const severityOf = ({ wal_status, active, retained_bytes }: SlotRow): Finding['severity'] | undefined => {
  if (wal_status === 'lost' || wal_status === 'unreserved') return 'critical';
  if (wal_status === 'extended') return 'warning';
  return !active && (retained_bytes ?? 0) > MUCH_BYTES ? 'warning' : undefined;
};

export const slotRetention = defineRule<PostgresFacts, { slots: typeof slots; settings: typeof settings }>({
  name: 'slot-retention',
  title: 'A replication slot keeps WAL that nobody fetches',
  signal: '`wal_status` of the slot; WAL kept for an inactive one',
  threshold: `extended, unreserved or lost; ${MUCH_BYTES / 1024 ** 3} GB`,
  inputs: { slots, settings },
  check: ({ slots: rows, settings: { settings: all } }) =>
    rows.flatMap((slot): Finding[] => {
      const severity = severityOf(slot);
      if (severity === undefined) return [];
      const isLimited = settingOf(all, 'max_slot_wal_keep_size')?.setting !== '-1';
      return [
        {
          subject: slot.slot,
          severity,
          title:
            slot.wal_status === 'lost'
              ? `The slot ${slot.slot} has lost WAL it needs: what follows it must be made anew`
              : `The slot ${slot.slot} keeps ${bytes(slot.retained_bytes ?? 0)} of WAL`,
          why: isLimited
            ? 'Once max_slot_wal_keep_size is used up the slot is lost, and what follows it has to be copied anew.'
            : 'Nothing limits it (max_slot_wal_keep_size = -1): it fills the disk, and a full WAL disk stops the server.',
          evidence: [
            { label: 'type', value: slot.slot_type, unit: '' },
            { label: 'active', value: slot.active ? 'yes' : 'no', unit: '' },
            { label: 'wal_status', value: slot.wal_status ?? 'none', unit: '' },
            ...(slot.retained_bytes === null ? [] : [{ label: 'kept', value: slot.retained_bytes, unit: 'bytes' }]),
            ...(slot.safe_bytes === null ? [] : [{ label: 'until lost', value: slot.safe_bytes, unit: 'bytes' }]),
            ...(slot.inactive_seconds === null
              ? []
              : [{ label: 'inactive for', value: duration(slot.inactive_seconds), unit: '' }]),
          ],
          action: run(
            'sql',
            `-- start what follows it; or, if nobody will:\nSELECT pg_drop_replication_slot(${quoteLiteral(slot.slot)});${isLimited ? '' : "\n-- and bound what a slot may keep:\nALTER SYSTEM SET max_slot_wal_keep_size = '20GB';\nSELECT pg_reload_conf();"}`,
            false,
          ),
          impact: {
            what: 'WAL kept for the slot',
            before: bytes(slot.retained_bytes ?? 0),
            after: '0',
            confidence: 'high',
            measured: 'restart_lsn against the current position',
          },
        },
      ];
    }),
});
