import { compat, defineCollector, type Env, type PostgresFacts, readRows, untyped } from '@submilli/core';
import { z } from 'zod';
import { columnMetrics, columnSamples, columnValues, needs, PREFIX } from './peer';

const columns = {
  confl_tablespace: ['counter', 'Queries of a standby cancelled because a tablespace was dropped.'],
  confl_lock: ['counter', 'Queries of a standby cancelled because of a lock.'],
  confl_snapshot: ['counter', 'Queries of a standby cancelled because of an old snapshot.'],
  confl_bufferpin: ['counter', 'Queries of a standby cancelled because of a pinned buffer.'],
  confl_deadlock: ['counter', 'Queries of a standby cancelled because of a deadlock.'],
} as const;

const row = columnValues(columns).extend({
  datid: z.string(),
  datname: z.string(),
  confl_active_logicalslot: z.number().nullable(),
});

const common = `
  SELECT c.datid::text AS datid, c.datname::text AS datname, c.confl_tablespace, c.confl_lock, c.confl_snapshot,
         c.confl_bufferpin, c.confl_deadlock`;

const sql = {
  14: `${common}, NULL::bigint AS confl_active_logicalslot FROM pg_catalog.pg_stat_database_conflicts c`,
  16: `${common}, c.confl_active_logicalslot FROM pg_catalog.pg_stat_database_conflicts c`,
} as const;

const labels = ['datid', 'datname', 'server'] as const;

export const compatConflicts = defineCollector({
  name: `${PREFIX}conflicts`,
  source: 'pg_stat_database_conflicts',
  needs,
  metrics: {
    ...columnMetrics(columns, (column) => `pg_stat_database_conflicts_${column}`, labels),
    // A column that the peer doesn't know, and emits for what it is.
    slot: compat(
      'postgres_exporter',
      untyped(
        'pg_stat_database_conflicts_confl_active_logicalslot',
        'Uses of logical slots of a standby cancelled by recovery (PostgreSQL 16+).',
        labels,
      ),
    ),
  },
  read: readRows(sql, row),
  publish: (rows: readonly z.infer<typeof row>[], m, { facts }: Env<PostgresFacts>) =>
    rows.flatMap((r) => {
      const database = { datid: r.datid, datname: r.datname, server: facts.address ?? '' };
      return [...columnSamples(columns, r, database, m), m.slot(database, r.confl_active_logicalslot)];
    }),
});
