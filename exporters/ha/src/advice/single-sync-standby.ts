import { defineRule } from '@submilli/core';
import { config } from '../collectors/config';
import { topology } from '../derived/topology';
import type { HaFacts } from '../source';
import { run } from './action';

type Inputs = { config: typeof config; topology: typeof topology };

export const singleSyncStandby = defineRule<HaFacts, Inputs>({
  name: 'single-sync-standby',
  title: 'Synchronous mode hangs on one standby',
  signal: '`synchronous_mode`, `synchronous_mode_strict`, standbys that are there',
  threshold: 'one',
  inputs: { config, topology },
  check: ({ config: settings, topology: { members } }) => {
    const standbys = members.filter(({ role }) => role !== null && !role.endsWith('leader'));
    if (settings.synchronous_mode !== true || standbys.length !== 1) return [];
    const strict = settings.synchronous_mode_strict === true;
    const name = standbys[0]?.name ?? '';
    return [
      {
        subject: name,
        severity: strict ? 'warning' : 'info',
        title: strict
          ? `When ${name} is lost, nothing can be committed`
          : `When ${name} is lost, commits go on without a copy`,
        why: strict
          ? 'It is the only standby, and synchronous_mode_strict lets no commit through without one.'
          : 'It is the only standby: Patroni then turns synchronous replication off by itself, and after that a loss of the primary loses commits, or the whole service. Until it does, commits wait (1 to 6 s were measured).',
        evidence: [
          { label: 'standbys', value: 1, unit: '' },
          { label: 'synchronous_mode_strict', value: strict ? 'on' : 'off', unit: '' },
        ],
        action: run('config', '# a third member, on a host of its own\npatroni patroni.yml'),
        impact: {
          ...{ what: 'standbys that may be lost without a commit at risk', before: '0', after: '1' },
          ...{ confidence: 'high', measured: 'Patroni’s list of members' },
        },
      },
    ];
  },
});
