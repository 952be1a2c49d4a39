import type { Exception } from '../../../core/test/side-by-side';

/** What Debian 12's postgres_exporter (0.11.1) says otherwise than our view, which is that of 0.20. */
export const exceptions: readonly Exception[] = [
  [/^family only there: (go|process|promhttp)_/, 'of that process; ours are process_* and nodejs_*, at /metrics only'],
  [/^family only there: postgres_exporter_build_info$/, 'we are not that program: db_exporter_build_info'],
  [/^label only there: pg_\w+ server$/, 'gone with 0.20 at the latest, but for pg_static and the conflicts'],
  [
    /^family only here: pg_(database_connection_limit|replication_(is_replica|l\w+)|roles_\w+|wal_\w+)$/,
    'added from 0.13 on',
  ],
  [/^family only here: pg_stat(io)?_user_tables_/, 'an example in a file of queries until 0.12, built in since'],
  [/^family only here: pg_replication_slots_(slot_|wal_status)/, 'added from 0.12 on, under this name since 0.20'],
  [/^family only here: db_compatibility_tables_omitted$/, 'ours: says what a limit leaves out'],
  [/^value: pg_exporter_scrapes_total\{\}/, 'each counts its own'],
  [/^series only there: pg_scrape_collector_\w+\{collector="bgwriter"\}$/, 'stat_bgwriter since 0.14'],
  [/^series only here: pg_scrape_collector_\w+\{collector="\w+"\}$/, 'collectors that came later'],
  [
    /^family only there: pg_settings_(default_)?transaction_read_only$|^family only there: pg_settings_(jit|standard_conforming_strings|(lock|statement|idle_in_transaction_session)_timeout_seconds)$/,
    'our session has its own value of these; the server’s can’t be read from it',
  ],
  [/^value: pg_settings_extra_float_digits\{\} is 1 here, 2 to 2 there$/, 'that exporter’s session has its own value'],
  [
    /^label only here: pg_stat_activity_\w+ (usename|application_name|backend_type|wait_event(_type)?)$/,
    'added by 0.12 and 0.17',
  ],
  [
    /^value: pg_stat_activity_count\{datname="postgres",state="active"\} is 0 here, 1 to 1 there$/,
    'counted its own session until 0.18',
  ],
  [/^family only there: pg_stat_archiver_last_archive_age$/, 'NaN where nothing was archived; absent since 0.20'],
  [
    /^family only there: pg_stat_database_(active_time|idle_in_transaction_time|session\w*|checksum_\w+)$/,
    'any column of the view, untyped, in milliseconds; not since 0.13',
  ],
  [
    /^series only there: pg_stat_database_\w+\{datid="0",datname=""\}$/,
    'shared objects are of no database; left out since',
  ],
  [/^value: pg_stat_database_stats_reset\{.*\} is 0 here, NaN to NaN there$/, 'never reset: NaN then, 0 since 0.14'],
  [/^family only here: pg_stat_database_active_time_seconds_total$/, 'added by 0.16'],
  [
    /^series only (there: pg_stat_replication_\w+\{.*client_addr="127.0.0.1",.*slot_name="\d+"|here: pg_stat_replication_\w+\{.*client_addr="127.0.0.1\/32",.*slot_name="standby)/,
    'the address had no mask then, and slot_name was the process id; 0.20.1 has the slot’s name',
  ],
  [/^family only there: pg_stat_replication_reply_time$/, 'any column of the view, untyped; not since 0.20'],
];
