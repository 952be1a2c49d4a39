import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds, healthThresholds } from '@submilli/catalogue';
import { toAppPage } from '../lib/links';
import { asLimit, lines, stat } from '../lib/panels';
import { DATABASE, onPrimary, SERVER, share } from '../lib/promql';
import { over, rows } from '../lib/targets';
import { above, below, none } from '../lib/thresholds';
import { table } from '../lib/tables';
import { units } from '../lib/units';

const TABLE = 'target, database, schema, table';

export const deadRows: Panel = lines({
  title: 'Dead rows',
  description:
    'Rows that vacuum would remove, on primaries. A rise without end means that vacuum cannot keep up or may not remove them: see what holds back its horizon.',
  unit: units.count,
  targets: {
    rows: over(
      `max by (cluster, target, database) (${onPrimary(`db_dead_rows{${DATABASE}}`)})`,
      '{{target}} {{database}}',
    ),
  },
});

export const horizon: Panel = lines({
  title: 'What holds back vacuum',
  description:
    'Transactions since the oldest one that each kind of holder keeps visible. The highest line is the one to end: a session, a prepared transaction, a slot or a standby.',
  unit: units.count,
  noValue: 'nothing is known to',
  targets: { age: over(`max by (target, holder) (db_xmin_horizon_age{${SERVER}}) > 0`, '{{target}} {{holder}}') },
});

export const overdue: Panel = lines({
  title: 'Tables that vacuum or analyze is due for',
  description:
    'Tables over a threshold of autovacuum, by which. Some for minutes are normal; for hours, autovacuum is too slow or switched off for them.',
  unit: units.count,
  targets: {
    vacuum: over(
      `max by (database, reason) (db_tables_vacuum_overdue{${DATABASE}}) > 0`,
      '{{database}} vacuum: {{reason}}',
    ),
    analyze: over(`max by (database) (db_tables_analyze_overdue{${DATABASE}}) > 0`, '{{database}} analyze'),
    off: over(`max by (database) (db_tables_autovacuum_disabled{${DATABASE}}) > 0`, '{{database}} switched off'),
  },
  noValue: 'none known',
});

export const wraparound: Panel = lines({
  title: 'Transaction ids used over time',
  description:
    'How far each database is on the way to the forced stop. Autovacuum turns the line down at autovacuum_freeze_max_age; one that climbs on needs a VACUUM FREEZE.',
  unit: units.ratio,
  ...{ min: 0, max: 1 },
  targets: {
    xid: over(`max by (database) (db_transaction_id_used_ratio{${DATABASE}})`, '{{database}} transactions'),
    multixact: over(`max by (database) (db_multixact_id_used_ratio{${DATABASE}})`, '{{database}} multixacts'),
  },
  thresholds: above(alertThresholds.wraparoundWarningPercent / 100, alertThresholds.wraparoundCriticalPercent / 100),
});

export const sizes: Panel = lines({
  title: 'Size of databases',
  description: 'Size on disk, and what of it is estimated bloat. Size that grows without rows is bloat.',
  unit: units.bytes,
  targets: {
    size: over(`max by (cluster, database) (db_size_bytes{${DATABASE}})`, '{{database}}'),
    bloat: over(`max by (cluster, database) (db_bloat_estimate_bytes{${DATABASE}})`, '{{database}} bloat'),
  },
});

export const largestTables: Panel = table({
  title: 'Largest tables',
  description:
    'The tables that take most room on primaries, with their dead rows. Many of them, above a fifth of the live ones, want a vacuum; bloat that stays after it wants a rewrite.',
  unit: units.count,
  targets: {
    size: rows(`topk(15, max by (${TABLE}) (${onPrimary(`db_table_size_bytes{${DATABASE}}`)}))`),
    indexes: rows(`max by (${TABLE}) (${onPrimary(`db_table_indexes_size_bytes{${DATABASE}}`)})`),
    bloat: rows(`max by (${TABLE}) (${onPrimary(`db_table_bloat_estimate_bytes{${DATABASE}}`)})`),
    live: rows(`max by (${TABLE}) (${onPrimary(`db_table_live_rows{${DATABASE}}`)})`),
    dead: rows(
      share(
        `max by (${TABLE}) (${onPrimary(`db_table_dead_rows{${DATABASE}}`)} > ${alertThresholds.deadRowsMinimum})`,
        `max by (${TABLE}) (${onPrimary(`db_table_live_rows{${DATABASE}}`)})`,
      ),
    ),
  },
  sortBy: { column: 'Size', desc: true },
  columns: [
    { label: 'table', name: 'Table' },
    { label: 'schema', name: 'Schema' },
    { label: 'database', name: 'Database' },
    { label: 'target', name: 'Server' },
    { query: 'size', name: 'Size', unit: units.bytes },
    { query: 'indexes', name: 'Of it indexes', unit: units.bytes },
    { query: 'bloat', name: 'Bloat, estimated', unit: units.bytes },
    { query: 'live', name: 'Live rows', unit: units.count },
    {
      ...{ query: 'dead', name: 'Dead to live', unit: units.ratio, decimals: 1, noValue: 'few' },
      thresholds: above(healthThresholds.dead_rows_warning / 100, healthThresholds.dead_rows_critical / 100),
    },
  ],
});

export const indexProblems: Panel = table({
  title: 'Indexes in the way',
  description:
    'Indexes that cost writes and give nothing back: unused, duplicate, redundant or invalid. The page Advice names them with the statement that drops them.',
  unit: units.count,
  targets: { indexes: rows(`max by (database, problem) (db_indexes{${DATABASE}}) > 0`) },
  sortBy: { column: 'Indexes', desc: true },
  columns: [
    { label: 'problem', name: 'Problem', link: toAppPage('advice', 'Open Advice') },
    { label: 'database', name: 'Database' },
    { query: 'indexes', name: 'Indexes' },
  ],
  noValue: 'none known',
});

export const sequences: Panel = lines({
  title: 'Sequences that run out',
  description:
    'Share of its numbers that a sequence has used, the fullest ones. At 100 % every insert fails: change the column to bigint before.',
  unit: units.ratio,
  ...{ min: 0, max: 1 },
  targets: {
    used: over(
      `topk(10, max by (database, schema, sequence) (db_sequence_used_ratio{${DATABASE}}))`,
      '{{database}} {{schema}}.{{sequence}}',
    ),
  },
  thresholds: above(alertThresholds.sequenceWarningPercent / 100, alertThresholds.sequenceCriticalPercent / 100),
  noValue: 'no sequence can run out',
});

export const autovacuum: Panel = lines({
  title: 'Autovacuum workers',
  description:
    'Workers at work against how many there may be. All at work for long: tables wait for their turn, and more workers or a higher cost limit help.',
  unit: units.count,
  targets: {
    working: over(`max by (target) (db_autovacuum_workers{${SERVER}})`, '{{target}} at work'),
    limit: over(`max by (target) (db_autovacuum_workers_limit{${SERVER}})`, '{{target}} limit'),
  },
  overrides: [asLimit('limit')],
});

export const pendingRestart: Panel = stat(
  {
    title: 'Settings that wait for a restart',
    description:
      'Settings that were changed but hold only after a restart. Until then the server does not run as its files say.',
    unit: units.count,
    targets: { value: over(`max(db_settings_pending_restart{${SERVER}})`) },
    thresholds: none('orange'),
  },
  { spark: false },
);

export const settingErrors: Panel = stat({
  title: 'Lines of configuration that do not work',
  description:
    'Lines of the configuration files and of pg_hba.conf that the server cannot use. It will not start with the former: mend them before the next restart.',
  unit: units.count,
  targets: {
    files: over(`max(db_settings_file_errors{${SERVER}})`, 'settings'),
    hba: over(`max(db_hba_errors{${SERVER}})`, 'pg_hba.conf'),
  },
  thresholds: none(),
});

export const uptime: Panel = stat(
  {
    title: 'Up for',
    description:
      'Time since the youngest of the chosen servers started. Short and unplanned: it crashed or failed over.',
    unit: units.seconds,
    targets: { value: over(`min(time() - db_server_start_timestamp_seconds{${SERVER}})`) },
    decimals: 1,
  },
  { spark: false },
);

const DAY = 86_400;

export const certificate: Panel = stat(
  {
    title: 'Certificate ends in',
    description: 'Time until the TLS certificate ends that a server shows. Clients that verify it are refused after.',
    unit: units.seconds,
    targets: { value: over(`min(db_tls_certificate_expiry_timestamp_seconds{${SERVER}} - time())`) },
    thresholds: below(alertThresholds.certificateWarningDays * DAY, alertThresholds.certificateCriticalDays * DAY),
    noValue: 'no TLS',
  },
  { spark: false },
);

export const settings: Panel = table({
  title: 'Settings that are numbers',
  description:
    'Settings that matter, in bytes and seconds; 1 and 0 are on and off, -1 is none. The same name with two values: servers of a cluster that differ.',
  unit: units.count,
  targets: { setting: rows(`max by (target, name) (db_setting{${SERVER}})`) },
  sortBy: { column: 'Setting', desc: false },
  columns: [
    { label: 'name', name: 'Setting' },
    { label: 'target', name: 'Server' },
    { query: 'setting', name: 'Set to' },
  ],
});

export const wordSettings: Panel = table({
  title: 'Settings that are words',
  description:
    'Such as synchronous_commit and wal_level. Where servers of a cluster differ, a failover changes behaviour.',
  unit: units.text,
  targets: { setting: rows(`group by (target, name, value) (db_setting_info{${SERVER}})`) },
  sortBy: { column: 'Setting', desc: false },
  columns: [
    { label: 'name', name: 'Setting' },
    { label: 'target', name: 'Server' },
    { label: 'value', name: 'Set to' },
  ],
});
