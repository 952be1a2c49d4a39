import { defineCollector, type Deadline, type Env, gauge } from '@submilli/core';
import { configAnswer, type DynamicConfig } from '../patroni/schema';
import type { ClusterSession } from '../session/cluster-session';
import type { HaFacts } from '../source';
import { mustAnswer, shareOf } from './history';

export const config = defineCollector({
  name: 'config',
  source: 'Patroni GET /config',
  needs: { configured: 'patroni' },
  every: 15,
  metrics: {
    ttl: gauge('db_ha_config_ttl_seconds', 'Life of the leader’s lease, as configured; 3.2 and newer use at least 20.'),
    loopWait: gauge('db_ha_config_loop_wait_seconds', 'Pause between two rounds of Patroni.'),
    retry: gauge('db_ha_config_retry_timeout_seconds', 'How long operations on etcd and PostgreSQL are retried.'),
    maxLag: gauge('db_ha_config_maximum_lag_on_failover_bytes', 'Lag beyond which a member may not be promoted.'),
    start: gauge(
      'db_ha_config_primary_start_timeout_seconds',
      'How long a crashed primary may try to start before a failover; absent: Patroni’s default.',
    ),
    synchronous: gauge('db_ha_config_synchronous_mode', 'Whether synchronous mode is on (1) or off (0).'),
    strict: gauge('db_ha_config_synchronous_mode_strict', 'Whether writes stop without a synchronous standby.'),
    failsafe: gauge('db_ha_config_failsafe_mode', 'Whether the primary survives the loss of etcd.'),
  },
  read: async (session: ClusterSession, { facts }: Env<HaFacts>, deadline: Deadline) => {
    mustAnswer(facts);
    const answer = await session.askAny('/config', configAnswer, shareOf(session, deadline));
    session.note({ config: answer });
    return answer;
  },
  publish: (c: DynamicConfig, m) => [
    m.ttl({}, c.ttl ?? null),
    m.loopWait({}, c.loop_wait ?? null),
    m.retry({}, c.retry_timeout ?? null),
    m.maxLag({}, c.maximum_lag_on_failover ?? null),
    m.start({}, c.primary_start_timeout ?? c.master_start_timeout ?? null),
    m.synchronous({}, flagOf(c.synchronous_mode)),
    m.strict({}, flagOf(c.synchronous_mode_strict)),
    m.failsafe({}, flagOf(c.failsafe_mode)),
  ],
});

const flagOf = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value));
