import { defineDerived } from '@submilli/core';
import { limits } from '../collectors/limits';
import { numberOf, type ShowRow, textOf } from '../show';
import type { PoolFacts } from '../source';
import { needs, peerGauge } from './peer';

const metrics = {
  version: peerGauge('pgbouncer_version_info', 'Always 1; the version as PgBouncer says it.', ['version']),
  clients: peerGauge('pgbouncer_config_max_client_connections', 'max_client_conn.'),
  servers: peerGauge('pgbouncer_config_max_user_connections', 'max_user_connections; 0 is no limit.'),
} as const;

export const compatConfig = defineDerived<PoolFacts, ShowRow, typeof metrics>({
  name: 'compat_config',
  source: 'SHOW CONFIG, SHOW VERSION',
  needs,
  metrics,
  derive: (snapshots) => Object.fromEntries((snapshots.of(limits) ?? []).map((row) => [textOf(row, 'key'), row.value])),
  publish: (settings, m, { facts }) => [
    m.version({ version: `PgBouncer ${facts.version}` }, 1),
    m.clients({}, numberOf(settings, 'max_client_conn')),
    m.servers({}, numberOf(settings, 'max_user_connections')),
  ],
});
