import { defineCollector, type Deadline, type Env, gauge, type PostgresFacts, type SqlSession } from '@submilli/core';
import { readLogSettings } from '../log/settings';

/** What the server logs of its statements, for whom no role or database says otherwise. */
export const logSettings = defineCollector({
  name: 'log-settings',
  source: 'pg_settings, pg_db_role_setting',
  needs: { privilege: 'pg_monitor' },
  every: 60,
  metrics: {
    threshold: gauge(
      'db_query_log_threshold_seconds',
      'Statements that take so long or longer are all logged (log_min_duration_statement); absent: off.',
    ),
    rate: gauge(
      'db_query_log_sample_ratio',
      'Share of all other statements that is logged at random (log_statement_sample_rate, where log_min_duration_sample is 0).',
    ),
  },
  read: (session: SqlSession, _env: Env<PostgresFacts>, deadline: Deadline) => readLogSettings(session, deadline),
  publish: ({ own }, m) => [m.threshold({}, own.threshold), m.rate({}, own.sampleFrom === 0 ? own.rate : 0)],
});
