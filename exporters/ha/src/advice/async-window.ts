import { defineRule, type Finding } from '@submilli/core';
import { config } from '../collectors/config';
import { topology } from '../derived/topology';
import { maximumLag } from '../readiness/candidates';
import type { HaFacts } from '../source';
import { editConfig, run } from './action';

type Inputs = { config: typeof config; topology: typeof topology };

export const asyncWindow = defineRule<HaFacts, Inputs>({
  name: 'async-window',
  title: 'A failover can lose acknowledged commits',
  signal: '`synchronous_mode`, and whether a standby is synchronous',
  threshold: 'off, or on without a synchronous standby',
  inputs: { config, topology },
  check: ({ config: settings, topology: { members, replicas } }) => {
    const standbys = members.filter(({ role }) => role !== null && !role.endsWith('leader'));
    const synchronous = standbys.filter(({ role }) => role === 'sync_standby' || role === 'quorum_standby');
    const lags = replicas.flatMap(({ lag }) => lag?.flushBytes ?? []);
    const evidence = [
      { label: 'synchronous_mode', value: settings.synchronous_mode === true ? 'on' : 'off', unit: '' },
      { label: 'synchronous standbys', value: synchronous.length, unit: '' },
      { label: 'standbys that run', value: standbys.filter(({ up }) => up).length, unit: '' },
      ...(lags.length === 0
        ? []
        : [{ label: 'nearest standby is behind by', value: Math.min(...lags), unit: 'bytes' }]),
    ];
    if (settings.synchronous_mode !== true) {
      return standbys.length === 0 ? [] : [off(evidence, maximumLag(settings), standbys.length)];
    }
    return synchronous.length > 0 ? [] : [degraded(evidence, settings.synchronous_mode_strict === true)];
  },
});

const off = (evidence: Finding['evidence'], bytes: number, standbys: number): Finding => ({
  subject: 'synchronous_mode',
  severity: 'info',
  title: `A failover may lose up to ${bytes} bytes of WAL that were acknowledged`,
  why: 'Replication is asynchronous: what the standby has not received when the primary is lost is gone. maximum_lag_on_failover bounds it, by a position that is only noted once in a round.',
  evidence: [...evidence, { label: 'maximum_lag_on_failover', value: bytes, unit: 'bytes' }],
  action: editConfig('synchronous_mode=true'),
  impact: {
    ...{ what: 'acknowledged commits that a failover loses', before: 'those of the last moment' },
    ...{
      after: `none; each commit waits for ${standbys > 1 ? 'one of the standbys' : 'the standby'}`,
      confidence: 'high',
    },
    measured: 'read from GET /config',
  },
});

const degraded = (evidence: Finding['evidence'], strict: boolean): Finding => ({
  subject: 'synchronous standby',
  severity: 'critical',
  title: strict ? 'Commits wait: no standby is synchronous' : 'Synchronous mode is on, and no standby is synchronous',
  why: strict
    ? 'synchronous_mode_strict holds commits back until a standby confirms them.'
    : 'Patroni goes on without a synchronous standby rather than stop writes: what is committed now has no copy, and no standby may be promoted.',
  evidence,
  action: run('command', 'patronictl list  # then start the standby, or find in its log why it does not stream'),
  impact: {
    ...{ what: 'commits that exist on one server alone', before: strict ? 'none: they wait' : 'all', after: 'none' },
    ...{ confidence: 'high', measured: 'Patroni’s list of members' },
  },
});
