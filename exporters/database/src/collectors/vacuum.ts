import { defineCollector, gauge, readRows } from '@submilli/core';
import { z } from 'zod';

const row = z.object({
  workers: z.number(),
  workers_limit: z.number(),
  /** Running vacuums by what began them. */
  vacuums: z.object({ manual: z.number(), autovacuum: z.number(), wraparound: z.number() }),
  running: z.array(
    z.object({
      database: z.string(),
      /** `regclass` can't be asked for in other databases; there it is the object's number. */
      relation: z.string(),
      kind: z.enum(['vacuum', 'analyze', 'create index', 'cluster']),
      phase: z.string(),
      /** Of the heap's blocks (of the sample's, for analyze), 0 to 1; null before the size is known. */
      done: z.number().nullable(),
      /** Passes over the indexes; more than one means its memory was too small. */
      index_passes: z.number().nullable(),
      seconds: z.number().nullable(),
    }),
  ),
});

export type VacuumRow = z.infer<typeof row>;

const MOST_RUNNING = 50;

/**
 * Names come from the catalog of the connected database, which reads no relation and takes no lock on one. Only leaders
 * have a row of progress: parallel workers are not counted. An autovacuum that must prevent a wraparound says so in its
 * query; unlike the others it does not give way to who wants a lock on its table. From PostgreSQL 18 on the slots for
 * workers limit their number too.
 */
const sql = `
  WITH running AS (
    SELECT p.pid, p.datname, p.relid, 'vacuum' AS kind, p.phase, p.index_vacuum_count AS index_passes,
           p.heap_blks_scanned::float8 / nullif(p.heap_blks_total, 0) AS done
      FROM pg_catalog.pg_stat_progress_vacuum p
    UNION ALL
    SELECT p.pid, p.datname, p.relid, 'analyze', p.phase, NULL,
           p.sample_blks_scanned::float8 / nullif(p.sample_blks_total, 0)
      FROM pg_catalog.pg_stat_progress_analyze p
    UNION ALL
    SELECT p.pid, p.datname, p.relid, 'create index', p.phase, NULL, p.blocks_done::float8 / nullif(p.blocks_total, 0)
      FROM pg_catalog.pg_stat_progress_create_index p
    UNION ALL
    SELECT p.pid, p.datname, p.relid, 'cluster', p.phase, NULL,
           p.heap_blks_scanned::float8 / nullif(p.heap_blks_total, 0)
      FROM pg_catalog.pg_stat_progress_cluster p
  ), named AS (
    SELECT r.datname::text AS database, r.kind, r.phase, r.index_passes, r.done,
           coalesce(n.nspname || '.' || c.relname, r.relid::text) AS relation,
           extract(epoch FROM pg_catalog.clock_timestamp() - a.query_start)::float8 AS seconds
      FROM running r
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = r.pid
      LEFT JOIN pg_catalog.pg_class c ON c.oid = r.relid AND r.datname = pg_catalog.current_database()
      LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE r.datname IS NOT NULL
     ORDER BY a.query_start
     LIMIT ${MOST_RUNNING}
  )
  SELECT (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'autovacuum worker') AS workers,
         least(pg_catalog.current_setting('autovacuum_max_workers')::int,
               pg_catalog.current_setting('autovacuum_worker_slots', true)::int) AS workers_limit,
         (SELECT pg_catalog.json_build_object(
                   'manual', count(*) FILTER (WHERE a.backend_type <> 'autovacuum worker'),
                   'autovacuum', count(*) FILTER (WHERE a.backend_type = 'autovacuum worker'
                                                    AND a.query NOT LIKE '%(to prevent wraparound)'),
                   'wraparound', count(*) FILTER (WHERE a.backend_type = 'autovacuum worker'
                                                    AND a.query LIKE '%(to prevent wraparound)'))
            FROM pg_catalog.pg_stat_progress_vacuum p
            JOIN pg_catalog.pg_stat_activity a ON a.pid = p.pid) AS vacuums,
         (SELECT coalesce(pg_catalog.json_agg(named), '[]') FROM named) AS running`;

/** The longest running of those with the same labels: several indexes of one table can be built at the same time. */
export const oneEach = (running: VacuumRow['running']): VacuumRow['running'] => [
  ...new Map([...running].reverse().map((r) => [`${r.database}\0${r.relation}\0${r.kind}`, r])).values(),
];

const labels = ['database', 'relation', 'kind'] as const;

export const vacuum = defineCollector({
  name: 'vacuum',
  source: 'pg_stat_progress_vacuum, _analyze, _create_index and _cluster',
  needs: { privilege: 'pg_monitor' },
  metrics: {
    workers: gauge('db_autovacuum_workers', 'Autovacuum workers at work.'),
    limit: gauge('db_autovacuum_workers_limit', 'Autovacuum workers there may be.'),
    running: gauge(
      'db_vacuum_running',
      'Running vacuums by kind: manual, autovacuum, or an autovacuum that must prevent a wraparound.',
      ['kind'],
    ),
    progress: gauge(
      'db_maintenance_progress_ratio',
      'How much of its main scan a vacuum, analyze, index build or cluster has done (0 to 1). The relation is a number in other databases than the connected one.',
      [...labels, 'phase'],
    ),
    phase: gauge(
      'db_maintenance_phase_info',
      'Always 1: which phase it is in, also one without a size, as while an index build waits for writers.',
      [...labels, 'phase'],
    ),
    seconds: gauge('db_maintenance_running_seconds', 'How long it has been running.', labels),
    passes: gauge(
      'db_vacuum_index_passes',
      'Passes of a running vacuum over the indexes; more than one means that its memory is too small.',
      labels,
    ),
  },
  read: readRows({ 14: sql }, row),
  publish: (rows: readonly VacuumRow[], m) =>
    rows.flatMap((r) => [
      m.workers({}, r.workers),
      m.limit({}, r.workers_limit),
      ...Object.entries(r.vacuums).map(([kind, count]) => m.running({ kind }, count)),
      ...oneEach(r.running).flatMap(({ database, relation, kind, phase, done, seconds, index_passes }) => [
        m.progress({ database, relation, kind, phase }, done),
        m.phase({ database, relation, kind, phase }, 1),
        m.seconds({ database, relation, kind }, seconds),
        m.passes({ database, relation, kind }, index_passes),
      ]),
    ]),
});
