import { defineDerived } from '@submilli/core';
import { databases } from '../collectors/databases';
import { type Column, samplesOf, textOf } from '../show';
import type { PoolFacts } from '../source';
import { needs, peerGauge, type Rows } from './peer';

const labels = ['name', 'host', 'port', 'database', 'force_user', 'pool_mode'] as const;
const ofDatabase = (name: string, help: string) => peerGauge(`pgbouncer_databases_${name}`, help, labels);

const metrics = {
  size: ofDatabase('pool_size', 'Server connections that each pool of the database may have.'),
  reserve: ofDatabase('reserve_pool', 'Further server connections allowed after reserve_pool_timeout.'),
  limit: ofDatabase('max_connections', 'Server connections that all its pools may have together; 0 is no limit.'),
  current: ofDatabase('current_connections', 'Server connections that all its pools have together.'),
  paused: ofDatabase('paused', 'Whether the database was paused by its name (1) or not (0).'),
  disabled: ofDatabase('disabled', 'Whether the database was disabled (1) or not (0).'),
} as const;

const columns: readonly Column<keyof typeof metrics>[] = [
  { column: 'pool_size', metric: 'size' },
  // Renamed in 1.24; never are both there.
  { column: 'reserve_pool', metric: 'reserve' },
  { column: 'reserve_pool_size', metric: 'reserve' },
  { column: 'max_connections', metric: 'limit' },
  { column: 'current_connections', metric: 'current' },
  { column: 'paused', metric: 'paused' },
  { column: 'disabled', metric: 'disabled' },
];

export const compatDatabases = defineDerived<PoolFacts, Rows, typeof metrics>({
  name: 'compat_databases',
  source: 'SHOW DATABASES',
  needs,
  metrics,
  derive: (snapshots) => snapshots.of(databases) ?? [],
  publish: (rows, m) =>
    rows.flatMap((row) =>
      samplesOf(row, columns, Object.fromEntries(labels.map((label) => [label, textOf(row, label)])), m),
    ),
});
