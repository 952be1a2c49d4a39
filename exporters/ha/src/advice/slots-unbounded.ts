import { defineRule } from '@submilli/core';
import { settings } from '../collectors/settings';
import { slots } from '../collectors/slots';
import { topology } from '../derived/topology';
import type { HaFacts } from '../source';
import { run } from './action';

type Unbounded = { slots: typeof slots; settings: typeof settings; topology: typeof topology };

/** What a slot keeps now is the database exporter's to judge; this is about what nothing bounds. */
export const slotsUnbounded = defineRule<HaFacts, Unbounded>({
  name: 'slots-unbounded',
  title: 'A standby that is lost fills the primary’s disk',
  signal: '`max_slot_wal_keep_size` of the primary, while it has slots',
  threshold: '-1',
  inputs: { slots, settings, topology },
  check: ({ slots: rows, settings: { members }, topology: { primary } }) => {
    const own = members.find(({ member }) => member === primary)?.settings.get('max_slot_wal_keep_size');
    if (own === undefined) return { notEvaluated: 'the primary’s settings are not known' };
    if (!own.startsWith('-1') || rows.length === 0) return [];
    const most = Math.max(0, ...rows.map(({ retained }) => retained ?? 0));
    return [
      {
        subject: 'max_slot_wal_keep_size',
        severity: 'warning',
        title: 'Nothing bounds the WAL that is kept for a standby that does not come back',
        why: 'A slot keeps all WAL since its standby was last there, until pg_wal is full and the primary stops: the loss of a standby becomes the loss of the cluster.',
        evidence: [
          { label: 'slots', value: rows.length, unit: '' },
          { label: 'max_slot_wal_keep_size', value: -1, unit: '' },
          { label: 'most kept for one now', value: most, unit: 'bytes' },
        ],
        action: run(
          'command',
          "# what the disk has to spare; a standby that misses more than that is copied anew\npatronictl edit-config -p max_slot_wal_keep_size='20GB'",
        ),
        impact: {
          ...{ what: 'most WAL kept for a slot', before: 'all there is room for', after: '20 GB', confidence: 'high' },
          measured: 'read from pg_settings',
        },
      },
    ];
  },
});
