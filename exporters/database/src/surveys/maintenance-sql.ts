import type { SqlByVersion } from '@submilli/core';

/** Most tables named of each kind. */
export const MOST_NAMED = 20;
const MOST_OLDEST = 5;

/** A table's own setting, else the server's. */
const setting = (option: string): string =>
  `coalesce(o.own->>'${option}', pg_catalog.current_setting('${option}'))::float8`;

/**
 * The thresholds as `relation_needs_vacanalyze` in PostgreSQL's autovacuum.c computes them: base + factor × reltuples,
 * an unknown number of rows counting as none.
 */
const sql = ({ mostDead, unfrozen }: { mostDead: string; unfrozen: string }): string => `
  WITH tables AS MATERIALIZED (
    SELECT n.nspname::text AS schema, c.relname::text AS "table",
           greatest(c.reltuples, 0)::float8 AS rows, c.relpages AS pages,
           pg_catalog.pg_stat_get_dead_tuples(c.oid) AS dead,
           pg_catalog.pg_stat_get_mod_since_analyze(c.oid) AS modified,
           pg_catalog.pg_stat_get_ins_since_vacuum(c.oid) AS inserted,
           extract(epoch FROM greatest(pg_catalog.pg_stat_get_last_vacuum_time(c.oid),
                                       pg_catalog.pg_stat_get_last_autovacuum_time(c.oid)))::float8 AS last_vacuum,
           extract(epoch FROM greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                                       pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)))::float8 AS last_analyze,
           pg_catalog.age(c.relfrozenxid) AS xid_age, pg_catalog.mxid_age(c.relminmxid) AS multixact_age,
           coalesce((o.own->>'autovacuum_enabled')::bool, true) AS enabled,
           least(${setting('autovacuum_freeze_max_age')},
                 pg_catalog.current_setting('autovacuum_freeze_max_age')::float8) AS freeze_max_age,
           least(${setting('autovacuum_multixact_freeze_max_age')},
                 pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::float8) AS multixact_freeze_max_age,
           least(${setting('autovacuum_vacuum_threshold')}
                 + ${setting('autovacuum_vacuum_scale_factor')} * greatest(c.reltuples, 0),
                 ${mostDead}) AS dead_limit,
           CASE WHEN ${setting('autovacuum_vacuum_insert_threshold')} >= 0 THEN
             ${setting('autovacuum_vacuum_insert_threshold')}
             + ${setting('autovacuum_vacuum_insert_scale_factor')} * greatest(c.reltuples, 0) * ${unfrozen}
           END AS inserted_limit,
           ${setting('autovacuum_analyze_threshold')}
             + ${setting('autovacuum_analyze_scale_factor')} * greatest(c.reltuples, 0) AS modified_limit
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN LATERAL (
        SELECT pg_catalog.json_object_agg(p.option_name, p.option_value) AS own
          FROM pg_catalog.pg_options_to_table(c.reloptions) p
      ) o ON c.reloptions IS NOT NULL
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  ), dead AS (
    SELECT t.schema, t."table", t.rows, t.dead AS count, t.dead_limit AS threshold, t.last_vacuum AS last, t.enabled
      FROM tables t WHERE t.dead > t.dead_limit
     ORDER BY t.dead / greatest(t.dead_limit, 1) DESC LIMIT ${MOST_NAMED}
  ), inserted AS (
    SELECT t.schema, t."table", t.rows, t.inserted AS count, t.inserted_limit AS threshold, t.last_vacuum AS last,
           t.enabled
      FROM tables t WHERE t.inserted > t.inserted_limit
     ORDER BY t.inserted / greatest(t.inserted_limit, 1) DESC LIMIT ${MOST_NAMED}
  ), analyze_due AS (
    SELECT t.schema, t."table", t.rows, t.modified AS count, t.modified_limit AS threshold, t.last_analyze AS last,
           t.enabled
      FROM tables t WHERE t.modified > t.modified_limit
     ORDER BY t.modified / greatest(t.modified_limit, 1) DESC LIMIT ${MOST_NAMED}
  ), switched_off AS (
    SELECT t.schema, t."table", t.rows, t.dead AS dead_rows, t.pages
      FROM tables t WHERE NOT t.enabled ORDER BY t.pages DESC, t.dead DESC LIMIT ${MOST_NAMED}
  ), oldest AS (
    SELECT t.schema, t."table", t.xid_age, t.multixact_age, t.freeze_max_age
      FROM tables t ORDER BY t.xid_age DESC LIMIT ${MOST_OLDEST}
  )
  SELECT count(*) AS tables,
         coalesce(sum(t.dead), 0) AS dead_rows,
         count(*) FILTER (WHERE t.dead > t.dead_limit) AS overdue_dead_rows,
         count(*) FILTER (WHERE t.inserted > t.inserted_limit) AS overdue_inserted_rows,
         count(*) FILTER (WHERE t.xid_age > t.freeze_max_age OR t.multixact_age > t.multixact_freeze_max_age)
           AS overdue_freeze,
         count(*) FILTER (WHERE t.modified > t.modified_limit) AS overdue_analyze,
         count(*) FILTER (WHERE NOT t.enabled) AS disabled,
         (SELECT coalesce(pg_catalog.json_agg(d), '[]') FROM dead d) AS dead,
         (SELECT coalesce(pg_catalog.json_agg(i), '[]') FROM inserted i) AS inserted,
         (SELECT coalesce(pg_catalog.json_agg(a), '[]') FROM analyze_due a) AS "analyze",
         (SELECT coalesce(pg_catalog.json_agg(s), '[]') FROM switched_off s) AS switched_off,
         (SELECT coalesce(pg_catalog.json_agg(o), '[]') FROM oldest o) AS oldest
    FROM tables t`;

export const maintenanceSql: SqlByVersion = {
  14: sql({ mostDead: `'infinity'`, unfrozen: '1' }),
  18: sql({
    // -1 is no limit.
    mostDead: `coalesce(nullif(${setting('autovacuum_vacuum_max_threshold')}, -1), 'infinity')`,
    // From 18 on, rows on frozen pages don't count for the insert threshold.
    unfrozen: '(1 - coalesce(least(c.relallfrozen::float8 / nullif(c.relpages, 0), 1), 0))',
  }),
};
