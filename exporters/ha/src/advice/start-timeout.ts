import { defineRule } from '@submilli/core';
import { config } from '../collectors/config';
import { topology } from '../derived/topology';
import { configured, startTimeout } from '../patroni/defaults';
import type { HaFacts } from '../source';
import { editConfig } from './action';

export const primaryStartTimeout = defineRule<HaFacts, { config: typeof config; topology: typeof topology }>({
  name: 'primary-start-timeout',
  title: 'A crashed primary is waited for longer than a failover takes',
  signal: '`primary_start_timeout` against `ttl`, while a standby could take over',
  threshold: 'longer than ttl (default: 300 s)',
  inputs: { config, topology },
  check: ({ config: settings, topology: { members } }) => {
    const [start, { ttl }] = [startTimeout(settings), configured(settings)];
    if (start <= ttl || members.length < 2) return [];
    const isSet = (settings.primary_start_timeout ?? settings.master_start_timeout) !== undefined;
    const synchronous = settings.synchronous_mode === true;
    return [
      {
        subject: 'primary_start_timeout',
        severity: 'info',
        title: `A primary that crashes gets ${start} s to start again before its standby takes over`,
        why: `The loss of a whole node is answered after ttl (${ttl} s), that of its postmaster up to ${start} s later: recovery after a crash takes as long as it takes.${synchronous ? '' : ' Without synchronous mode a shorter time may lose the last commits, which a restart in place would keep.'}`,
        evidence: [
          {
            label: isSet ? 'primary_start_timeout' : 'primary_start_timeout (Patroni’s default)',
            value: start,
            unit: 's',
          },
          { label: 'ttl', value: ttl, unit: 's' },
          { label: 'synchronous_mode', value: synchronous ? 'on' : 'off', unit: '' },
        ],
        action: editConfig(`primary_start_timeout=${synchronous ? 0 : Math.round(ttl)}`),
        impact: {
          ...{ what: 'longest wait for a crashed primary', before: `${start} s` },
          ...{
            after: synchronous ? 'none: its standby takes over at once' : `${Math.round(ttl)} s`,
            confidence: 'high',
          },
          measured: 'read from GET /config',
        },
      },
    ];
  },
});
