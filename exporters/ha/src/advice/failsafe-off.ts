import { defineRule } from '@submilli/core';
import { config } from '../collectors/config';
import type { HaFacts } from '../source';
import { editConfig } from './action';

export const failsafeOff = defineRule<HaFacts, { config: typeof config }>({
  name: 'failsafe-off',
  title: 'The loss of the store stops a primary that works',
  signal: '`failsafe_mode`',
  threshold: 'not on',
  inputs: { config },
  check: ({ config: settings }) =>
    settings.failsafe_mode === true
      ? []
      : [
          {
            subject: 'failsafe_mode',
            severity: 'warning',
            title: 'When the store is away the primary steps down, although all its members are there',
            why: 'Without failsafe mode nothing can be written for as long as etcd has no quorum: over 90 s were measured where the store was away for 90 s. With it the primary goes on while every member answers it.',
            evidence: [
              { label: 'failsafe_mode', value: settings.failsafe_mode === false ? 'off' : 'not set (off)', unit: '' },
            ],
            action: editConfig('failsafe_mode=true'),
            impact: {
              ...{
                what: 'outage while the store is away',
                before: 'as long as it is',
                after: 'none, with all members there',
              },
              ...{ confidence: 'high', measured: 'drills with all of etcd stopped for 30 s (docs/failovers.md)' },
            },
          },
        ],
});
