import { defineRule } from '@submilli/core';
import { config } from '../collectors/config';
import type { HaFacts } from '../source';
import { editConfig } from './action';

/** Every key that some version of Patroni from 3.0 to 4.1 reads from its dynamic configuration (patroni/global_config.py). */
const KNOWN: readonly string[] = [
  ...['ttl', 'loop_wait', 'retry_timeout', 'maximum_lag_on_failover', 'maximum_lag_on_syncnode', 'pause'],
  ...['max_timelines_history', 'primary_start_timeout', 'primary_stop_timeout', 'primary_race_backoff'],
  ...['master_start_timeout', 'master_stop_timeout', 'check_timeline', 'failsafe_mode', 'member_slots_ttl'],
  ...['synchronous_mode', 'synchronous_mode_strict', 'synchronous_node_count', 'standby_cluster', 'postgresql'],
  ...['slots', 'permanent_slots', 'permanent_replication_slots', 'ignore_slots', 'citus'],
];

/** What people expect these to do, and what does it. */
const MEANT: Readonly<Record<string, string>> = {
  failover_timeout: 'How long a failover takes follows from ttl, loop_wait and primary_start_timeout.',
  switchover_timeout: 'Patroni has no such limit; patronictl and the caller wait as long as they like.',
  watchdog: 'The watchdog is configured on each node, in patroni.yml.',
  parameters: 'PostgreSQL’s parameters belong under postgresql: parameters.',
};

export const unknownKeys = defineRule<HaFacts, { config: typeof config }>({
  name: 'patroni-unknown-keys',
  title: 'Patroni’s configuration has keys that Patroni does not know',
  signal: 'keys of `GET /config`',
  threshold: 'one that no version from 3.0 to 4.1 reads',
  inputs: { config },
  check: ({ config: settings }) =>
    Object.keys(settings)
      .filter((key) => !KNOWN.includes(key) && settings[key] !== undefined)
      .map((key) => ({
        subject: key,
        severity: 'warning',
        title: `Patroni does not know the setting ${key}, and ignores it`,
        why: MEANT[key] ?? 'A misspelt key is taken without a word, and the setting that was meant keeps its default.',
        evidence: [{ label: key, value: JSON.stringify(settings[key]).slice(0, 100), unit: '' }],
        action: editConfig(`${key}=null`),
        impact: {
          ...{ what: 'settings that do nothing', before: '1', after: '0', confidence: 'high' },
          measured: 'against the keys that Patroni’s source reads',
        },
      })),
});
