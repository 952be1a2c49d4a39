import { defineRule } from '@submilli/core';
import { topology } from '../derived/topology';
import type { HaFacts } from '../source';
import { run } from './action';

export const singlePooler = defineRule<HaFacts, { topology: typeof topology }>({
  name: 'single-pooler',
  title: 'One pooler stands before servers that can replace each other',
  signal: 'entries under `pgbouncer` of the configuration, and members that run',
  threshold: 'one pooler, two or more members',
  inputs: { topology },
  check: ({ topology: { members } }, { config }) => {
    if (config.pgbouncer.length === 0) return { notEvaluated: 'the configuration names no pooler (pgbouncer)' };
    const [pooler] = config.pgbouncer;
    const running = members.filter(({ up }) => up).length;
    if (config.pgbouncer.length > 1 || pooler === undefined || running < 2) return [];
    return [
      {
        subject: pooler.name,
        severity: 'info',
        title: `All clients go through ${pooler.name}: when its host is lost, ${running} servers run for nobody`,
        why: 'A failover replaces the primary in seconds; nobody replaces the pooler. If others are there, name them in the configuration.',
        evidence: [
          { label: 'poolers that the configuration names', value: 1, unit: '' },
          { label: 'address', value: `${pooler.host}:${pooler.port}`, unit: '' },
        ],
        action: run(
          'config',
          '; a PgBouncer beside each server or client, and hosts that clients try in turn:\n; host=a,b port=6432,6432',
        ),
        impact: {
          ...{ what: 'poolers that may be lost', before: '0', after: '1', confidence: 'low' },
          measured: 'by the configuration of the exporters, which may not know all',
        },
      },
    ];
  },
});
