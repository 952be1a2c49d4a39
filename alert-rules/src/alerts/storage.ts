import { alertThresholds as t } from '@submilli/catalogue';
import type { Alert } from '../define';
import { database, list, server, table } from '../labels';
import { sizeOf } from '../sizes';

const at = 'cluster="c",instance="db:9091",job="submilli-servers",target="pg1"';
const inApp = { cluster: 'c', target: 'pg1', database: 'app' } as const;
const app = `${at},database="app"`;
const shared = { component: 'postgresql', by: database, dashboard: 'database-performance' } as const;
const where = '{{ $labels.database }} on {{ $labels.target }} of {{ $labels.cluster }}';

const wraparound = (name: string, metric: string, what: string): Alert => {
  const expr = `max by (${list(database)}) (100 * ${metric})`;
  const description = (threshold: number): string =>
    `${what} ids of ${where} are {{ printf "%.0f" $value }} % used (threshold ${threshold} %). At 100 % the server takes no more writes until a vacuum is through.`;
  const said = (value: number, threshold: number): string =>
    `${what} ids of app on pg1 of c are ${value} % used (threshold ${threshold} %). At 100 % the server takes no more writes until a vacuum is through.`;
  const summary = `${what} ids of {{ $labels.database }} run towards wraparound`;
  const proof = { labels: inApp, summary: `${what} ids of app run towards wraparound` };
  return {
    ...{ ...shared, name, advice: 'wraparound', summary },
    levels: [
      {
        severity: 'warning',
        for: '10m',
        expr: `${expr} > ${t.wraparoundWarningPercent}`,
        description: description(t.wraparoundWarningPercent),
      },
      {
        severity: 'critical',
        for: '10m',
        expr: `${expr} > ${t.wraparoundCriticalPercent}`,
        description: description(t.wraparoundCriticalPercent),
      },
    ],
    proofs: [
      { ...proof, series: { [`${metric}{${app}}`]: [0.4, 0.5] }, says: { warning: said(50, 40) } },
      {
        ...{ ...proof, level: 1, series: { [`${metric}{${app}}`]: [0.1, 0.9] } },
        says: { warning: said(90, 40), critical: said(90, 75) },
      },
    ],
  };
};

/** What fills, ages or grows: caches, files, ids, dead rows, sequences. */
export const storageAlerts: readonly Alert[] = [
  wraparound('PostgresTransactionIdWraparound', 'db_transaction_id_used_ratio', 'Transaction'),
  wraparound('PostgresMultixactWraparound', 'db_multixact_id_used_ratio', 'Multixact'),
  {
    ...shared,
    name: 'PostgresBufferHitLow',
    summary: 'Shared buffers answer few reads of {{ $labels.database }}',
    levels: [
      {
        severity: 'warning',
        for: '15m',
        keepFiringFor: '10m',
        expr: `100 * cluster_target_database:db_buffer_blocks_hit:ratio_rate5m < ${t.bufferHitPercent} and cluster_target_database:db_buffer_blocks_read:rate5m > ${t.bufferReadsPerSecond}`,
        description: `{{ printf "%.0f" $value }} % of the block requests of ${where} are answered from shared buffers (threshold ${t.bufferHitPercent} %): the rest waits for the kernel or the disk.`,
      },
    ],
    proofs: [
      {
        series: {
          [`db_buffer_blocks_hit_total{${app}}`]: [{ perSecond: 5000 }, { perSecond: 5000 }],
          [`db_buffer_blocks_read_total{${app}}`]: [{ perSecond: 50 }, { perSecond: 20_000 }],
        },
        lag: '5m',
        labels: inApp,
        summary: 'Shared buffers answer few reads of app',
        says: {
          warning:
            '20 % of the block requests of app on pg1 of c are answered from shared buffers (threshold 90 %): the rest waits for the kernel or the disk.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresTempFilesHigh',
    advice: 'temp',
    summary: 'Statements of {{ $labels.database }} spill to disk',
    levels: [
      {
        severity: 'warning',
        for: '10m',
        keepFiringFor: '5m',
        expr: `max by (${list(database)}) (rate(db_temp_bytes_total[5m])) > ${t.tempBytesPerSecond}`,
        description: `Sorts and hashes of ${where} write {{ $value | humanize1024 }}B of temporary files a second (threshold ${sizeOf(t.tempBytesPerSecond)}): work_mem is too small for them.`,
      },
    ],
    proofs: [
      {
        series: { [`db_temp_bytes_total{${app}}`]: [{ perSecond: 1000 }, { perSecond: 1024 ** 3 }] },
        lag: '5m',
        labels: inApp,
        summary: 'Statements of app spill to disk',
        says: {
          warning:
            'Sorts and hashes of app on pg1 of c write 1GiB of temporary files a second (threshold 50 MiB): work_mem is too small for them.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresCheckpointsRequested',
    by: server,
    advice: 'checkpoint',
    summary: 'WAL forces checkpoints on {{ $labels.target }}',
    levels: [
      {
        severity: 'warning',
        for: '15m',
        keepFiringFor: '15m',
        expr: `max by (${list(server)}) (increase(db_checkpoints_total{trigger="requested"}[1h])) > ${t.requestedCheckpointsPerHour}`,
        description: `{{ printf "%.0f" $value }} checkpoints of {{ $labels.target }} of {{ $labels.cluster }} in the last hour came before their time (threshold ${t.requestedCheckpointsPerHour}): max_wal_size is too small for what is written, and each costs latency.`,
      },
    ],
    proofs: [
      {
        step: '1m',
        well: '2h',
        series: { [`db_checkpoints_total{${at},trigger="requested"}`]: [{ perSecond: 0 }, { perSecond: 1 }] },
        lag: '1h',
        labels: { cluster: 'c', target: 'pg1' },
        summary: 'WAL forces checkpoints on pg1',
        says: {
          warning:
            '960 checkpoints of pg1 of c in the last hour came before their time (threshold 6): max_wal_size is too small for what is written, and each costs latency.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresVacuumOverdue',
    advice: 'vacuum',
    summary: 'Autovacuum does not keep up in {{ $labels.database }}',
    levels: [
      {
        severity: 'warning',
        for: '1h',
        expr: `sum by (${list(database)}) (db_tables_vacuum_overdue) > 0`,
        description: `{{ $value }} tables of ${where} have been over a threshold at which autovacuum vacuums them for an hour (threshold 0): it is off, too slow, or held up by an old transaction.`,
      },
    ],
    proofs: [
      {
        step: '1m',
        series: {
          [`db_tables_vacuum_overdue{${app},reason="dead_rows"}`]: [0, 2],
          [`db_tables_vacuum_overdue{${app},reason="freeze"}`]: [0, 1],
        },
        labels: inApp,
        summary: 'Autovacuum does not keep up in app',
        says: {
          warning:
            '3 tables of app on pg1 of c have been over a threshold at which autovacuum vacuums them for an hour (threshold 0): it is off, too slow, or held up by an old transaction.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresDeadRowsHigh',
    by: table,
    advice: 'vacuum',
    summary: 'Much of {{ $labels.schema }}.{{ $labels.table }} is dead rows',
    levels: [
      {
        severity: 'warning',
        for: '30m',
        keepFiringFor: '15m',
        expr: `max by (${list(table)}) (100 * db_table_dead_rows / (db_table_live_rows + db_table_dead_rows > 0)) > ${t.deadRowsPercent} and max by (${list(table)}) (db_table_dead_rows) > ${t.deadRowsMinimum}`,
        description: `{{ printf "%.0f" $value }} % of the rows of {{ $labels.schema }}.{{ $labels.table }} in ${where} are dead (threshold ${t.deadRowsPercent} %): scans read them all the same.`,
      },
    ],
    proofs: [
      {
        step: '1m',
        series: {
          [`db_table_dead_rows{${app},schema="public",table="orders"}`]: [1000, 400_000],
          [`db_table_live_rows{${app},schema="public",table="orders"}`]: [400_000, 400_000],
        },
        labels: { ...inApp, schema: 'public', table: 'orders' },
        summary: 'Much of public.orders is dead rows',
        says: {
          warning:
            '50 % of the rows of public.orders in app on pg1 of c are dead (threshold 20 %): scans read them all the same.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresInvalidIndex',
    advice: 'invalid-indexes',
    summary: 'An index of {{ $labels.database }} is invalid',
    levels: [
      {
        severity: 'warning',
        for: '1h',
        expr: `max by (${list(database)}) (db_indexes{problem="invalid"}) > 0`,
        description: `{{ $value }} indexes of ${where} are invalid and not being built (threshold 0): they are paid for at every write, and no statement uses them.`,
      },
    ],
    proofs: [
      {
        step: '1m',
        series: { [`db_indexes{${app},problem="invalid"}`]: [0, 1] },
        labels: inApp,
        summary: 'An index of app is invalid',
        says: {
          warning:
            '1 indexes of app on pg1 of c are invalid and not being built (threshold 0): they are paid for at every write, and no statement uses them.',
        },
      },
    ],
  },
  {
    ...shared,
    name: 'PostgresSequenceExhaustion',
    by: ['cluster', 'target', 'database', 'schema', 'sequence'],
    advice: 'sequence',
    summary: 'The sequence {{ $labels.schema }}.{{ $labels.sequence }} is running out',
    levels: (
      [
        ['warning', t.sequenceWarningPercent],
        ['critical', t.sequenceCriticalPercent],
      ] as const
    ).map(([severity, threshold]) => ({
      ...{ severity, for: '10m' },
      expr: `max by (cluster, target, database, schema, sequence) (100 * db_sequence_used_ratio) > ${threshold}`,
      description: `{{ printf "%.0f" $value }} % of the numbers of {{ $labels.schema }}.{{ $labels.sequence }} in ${where} are used (threshold ${threshold} %): at 100 % inserts fail.`,
    })),
    proofs: [
      {
        series: { [`db_sequence_used_ratio{${app},schema="public",sequence="ids"}`]: [0.75, 0.8] },
        labels: { ...inApp, schema: 'public', sequence: 'ids' },
        summary: 'The sequence public.ids is running out',
        says: {
          warning:
            '80 % of the numbers of public.ids in app on pg1 of c are used (threshold 75 %): at 100 % inserts fail.',
        },
      },
      {
        level: 1,
        series: { [`db_sequence_used_ratio{${app},schema="public",sequence="ids"}`]: [0.75, 0.99] },
        labels: { ...inApp, schema: 'public', sequence: 'ids' },
        summary: 'The sequence public.ids is running out',
        says: {
          warning:
            '99 % of the numbers of public.ids in app on pg1 of c are used (threshold 75 %): at 100 % inserts fail.',
          critical:
            '99 % of the numbers of public.ids in app on pg1 of c are used (threshold 90 %): at 100 % inserts fail.',
        },
      },
    ],
  },
];
