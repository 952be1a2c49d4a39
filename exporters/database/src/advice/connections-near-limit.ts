import { defineRule, type Finding, type PostgresFacts, quoteLiteral } from '@submilli/core';
import { activity, type ActivityRow, sessionsOf } from '../collectors/activity';
import { MOST_FINDINGS, run } from './action';

type Full = { readonly subject: string; readonly used: number; readonly limit: number; readonly idle: number };

const idleOf = ({ sessions }: ActivityRow): number => sessions.idle ?? 0;

/** The limit that all databases share is one finding, not one for each of them. */
const fullnessOf = (rows: readonly ActivityRow[]): readonly (Full & { readonly database: string | null })[] => [
  ...rows.slice(0, 1).map(({ server_limit: limit }) => ({
    ...{ subject: 'max_connections', database: null, limit },
    used: rows.reduce((sum, row) => sum + sessionsOf(row), 0),
    idle: rows.reduce((sum, row) => sum + idleOf(row), 0),
  })),
  ...rows
    .filter((row) => row.connection_limit > 0)
    .map((row) => ({
      ...{ subject: row.database, database: row.database, limit: row.connection_limit },
      ...{ used: sessionsOf(row), idle: idleOf(row) },
    })),
];

export const connectionsNearLimit = defineRule<PostgresFacts, { activity: typeof activity }>({
  name: 'connections-near-limit',
  title: 'New sessions will soon be refused',
  signal: 'sessions against max_connections less its reserved slots, and against a database’s own CONNECTION LIMIT',
  threshold: '`thresholds.connection_utilization_warning`, `_critical`',
  inputs: { activity },
  check: ({ activity: rows }, { config: { thresholds } }) =>
    fullnessOf(rows)
      .map((full) => ({ ...full, percent: (100 * full.used) / full.limit }))
      .filter(({ percent }) => percent >= thresholds.connection_utilization_warning)
      .sort((a, b) => b.percent - a.percent)
      .slice(0, MOST_FINDINGS)
      .map(({ subject, database, used, limit, idle, percent }): Finding => ({
        subject,
        severity: percent >= thresholds.connection_utilization_critical ? 'critical' : 'warning',
        title: `${database ?? 'The server'} uses ${percent.toFixed(0)} % of the connections it can have`,
        why: 'At 100 % every new session is refused. A pooler in front needs far fewer server connections than clients.',
        evidence: [
          { label: 'sessions', value: used, unit: '' },
          { label: 'of them idle', value: idle, unit: '' },
          { label: database === null ? 'limit, reserved slots taken off' : 'CONNECTION LIMIT', value: limit, unit: '' },
        ],
        action: run(
          'sql',
          `SELECT datname, usename, application_name, state, count(*)\n  FROM pg_stat_activity\n WHERE ${database === null ? "backend_type = 'client backend'" : `datname = ${quoteLiteral(database)}`}\n GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC;`,
          true,
        ),
        impact: {
          what: 'sessions until refusal',
          before: String(Math.max(0, limit - used)),
          after: null,
          confidence: 'high',
          measured: 'counted in pg_stat_activity',
        },
      })),
});
