import { defineRule, type Finding } from '@submilli/core';
import { servers } from '../collectors/servers';
import { topology } from '../derived/topology';
import type { HaFacts } from '../source';
import { MOST_FINDINGS, run } from './action';

export const logicalSlotsAtRisk = defineRule<HaFacts, { servers: typeof servers; topology: typeof topology }>({
  name: 'logical-slots-at-risk',
  title: 'A logical slot would not survive a failover',
  signal: 'logical slots of the primary that no standby has',
  threshold: 'any',
  inputs: { servers, topology },
  check: ({ servers: { answered }, topology: { primary } }) => {
    const own = answered.find(({ member }) => member === primary)?.row.logical_slots;
    const standbys = answered.filter(({ member, row }) => member !== primary && row.in_recovery);
    if (own === undefined || standbys.length === 0)
      return { notEvaluated: 'not both the primary and a standby can be asked' };
    return own
      .filter((slot) => !standbys.some(({ row }) => row.logical_slots.includes(slot)))
      .slice(0, MOST_FINDINGS)
      .map((slot): Finding => ({
        subject: slot,
        severity: 'warning',
        title: `After a failover the logical slot ${slot} is not there`,
        why: 'Whoever reads changes from it loses its place: changes between the failover and a new slot are never delivered.',
        evidence: [
          { label: 'on', value: primary ?? '', unit: '' },
          { label: 'standbys without it', value: standbys.map(({ member }) => member).join(', '), unit: '' },
        ],
        action: run(
          'command',
          `# Patroni copies it to the standbys, and moves it on there\npatronictl edit-config -s 'slots.${slot}={"type": "logical", "database": "DATABASE", "plugin": "pgoutput"}'\n# without Patroni, from PostgreSQL 17 on: failover = true at its creation, sync_replication_slots = on`,
        ),
        impact: {
          ...{ what: 'logical slots that a failover loses', before: '1', after: '0', confidence: 'high' },
          measured: 'pg_replication_slots of all members that can be asked',
        },
      }));
  },
});
