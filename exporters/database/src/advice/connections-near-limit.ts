import { defineRule, type PostgresFacts } from '@submilli/core';
import { activity, sessionsOf, utilizationOf } from '../collectors/activity';
import { run } from './action';

export const connectionsNearLimit = defineRule<PostgresFacts, { activity: typeof activity }>({
  name: 'connections-near-limit',
  title: 'New sessions will soon be refused',
  signal: 'sessions against the tightest limit: the database’s, or the server’s less its reserved slots',
  threshold: '`thresholds.connection_utilization_warning`, `_critical`',
  inputs: { activity },
  check: ({ activity: rows }, { config: { thresholds } }) =>
    rows
      .map((row) => ({ row, percent: 100 * utilizationOf(row, rows) }))
      .filter(({ row, percent }) => sessionsOf(row) > 0 && percent >= thresholds.connection_utilization_warning)
      .map(({ row, percent }) => ({
        subject: row.database,
        severity: percent >= thresholds.connection_utilization_critical ? 'critical' : 'warning',
        title: `${row.database} uses ${percent.toFixed(0)} % of the connections it can have`,
        why: 'At 100 % every new session is refused. A pooler in front needs far fewer server connections than clients.',
        evidence: [
          { label: 'sessions of the database', value: sessionsOf(row), unit: '' },
          { label: 'idle', value: row.sessions.idle ?? 0, unit: '' },
          { label: 'limit of the server', value: row.server_limit, unit: '' },
          { label: 'limit of the database', value: row.connection_limit, unit: row.connection_limit < 0 ? 'none' : '' },
        ],
        action: run(
          'sql',
          `SELECT usename, application_name, state, count(*)\n  FROM pg_stat_activity\n WHERE datname = '${row.database.replaceAll("'", "''")}'\n GROUP BY 1, 2, 3 ORDER BY 4 DESC;`,
          true,
        ),
        impact: {
          what: 'sessions until refusal',
          before: String(Math.max(0, row.server_limit - rows.reduce((sum, other) => sum + sessionsOf(other), 0))),
          after: null,
          confidence: 'high',
          measured: 'counted in pg_stat_activity',
        },
      })),
});
