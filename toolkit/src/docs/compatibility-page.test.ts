import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exporters } from '../exporters';
import { partsOf } from './metrics-page';

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'compatibility.md'), 'utf8');
const declared = new Set(
  exporters.flatMap(({ registry }) =>
    partsOf(registry).flatMap(({ metrics }) => Object.values(metrics).map(({ name }) => name)),
  ),
);
const mentioned = new Set(
  [...page.matchAll(/`((?:pg|pgbouncer|postgres_exporter|patroni)_\w+)`/g)].map(([, n = '']) => n),
);

/** What the page names because we don't have it: as its tables say, it is gone there, or left out here. */
const without = [
  'patroni_failsafe_member',
  'patroni_master',
  'pg_exporter_user_queries_load_error',
  'pg_replication_lag',
  'pg_replication_slot_slot_is_active',
  'pg_replication_slot_wal_status',
  'pg_stat_bgwriter_buffers_alloc',
  'pg_stat_database_active_time',
  'pgbouncer_active_clients',
  'pgbouncer_dns_names',
  'pgbouncer_dns_queries',
  'pgbouncer_dns_zones',
  'pgbouncer_exporter_build_info',
  'pgbouncer_pool_size',
  'pgbouncer_requests_total',
  'pgbouncer_reserve_pool',
  'pgbouncer_stats_queries_pooled_total',
  'pgbouncer_stats_totals_queries_total',
  'pgbouncer_waiting_clients',
  'postgres_exporter_build_info',
  'postgres_exporter_config_last_reload_success_timestamp_seconds',
  'postgres_exporter_config_last_reload_successful',
];

describe('docs/compatibility.md', () => {
  it('names metrics that a view has, but for those that it says no view has', () => {
    const views = ['postgres_exporter', 'pgbouncer_exporter'];
    const unknown = [...mentioned].filter(
      (name) => !declared.has(name) && !name.startsWith('pg_settings_') && !views.includes(name),
    );
    expect(unknown.sort()).toEqual(without);
  });
});
