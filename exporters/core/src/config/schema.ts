import { healthThresholds } from '@submilli/catalogue';
import { z } from 'zod';
import { views } from '../metrics/declare';
import { reference } from './reference';
import { address, httpUrl, name, onePassword } from './shapes';
import { witness } from './witness';

const milliseconds = z.number().int().min(10).max(600_000);
const percent = z.number().min(0).max(100);
const positive = z.number().positive();

const sslmode = z.enum(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']);

const connection = {
  name,
  host: z.string().min(1).default('127.0.0.1'),
  user: z.string().min(1).default('submilli'),
  password: z.string().min(1).optional(),
  password_file: z.string().min(1).optional(),
  sslmode: sslmode.default('prefer'),
  sslrootcert: z.string().min(1).optional(),
  sslcert: z.string().min(1).optional(),
  sslkey: z.string().min(1).optional(),
};

const port = z.number().int().min(1).max(65_535);
/** Names of databases; `*` stands for any characters. */
const databaseFilter = z.strictObject({
  include: z.array(z.string().min(1)).default(['*']),
  exclude: z.array(z.string().min(1)).default([]),
});

/** Where a server's log is read from. */
const logSource = z.strictObject({
  source: z.enum(['auto', 'file', 'sql', 'off']).default('auto'),
  directory: z.string().min(1).optional(),
});

/** A pooler in front of a server: an entry under pgbouncer, or an address. */
const poolOf = z.union([
  name,
  z.strictObject({
    host: z.string().min(1),
    port: port.default(6432),
    database: z.string().min(1).optional(),
    sslmode: sslmode.default('prefer'),
  }),
]);

const canary = z
  .strictObject({
    database: z.string().min(1),
    user: z.string().min(1).default('submilli_canary'),
    password: z.string().min(1).optional(),
    password_file: z.string().min(1).optional(),
    rate_hz: z.number().min(0.1).max(50).default(1),
    write: z.boolean().default(false),
    pool: poolOf.optional(),
  })
  .refine(onePassword.check, onePassword.message);

const postgresTarget = z
  .strictObject({
    ...connection,
    log: logSource.prefault({}),
    port: port.default(5432),
    database: z.string().min(1).default('postgres'),
    databases: databaseFilter.prefault({}),
    canary: canary.optional(),
  })
  .refine(onePassword.check, onePassword.message)
  .refine((target) => target.canary?.user !== target.user, {
    path: ['canary', 'user'],
    message: 'a user of its own, other than the one that watches',
  });

const probe = z
  .strictObject({
    database: z.string().min(1),
    user: z.string().min(1),
    password: z.string().min(1).optional(),
    password_file: z.string().min(1).optional(),
    interval_seconds: z.number().min(1).max(3600).default(10),
    direct: z
      .union([
        name,
        z.strictObject({
          host: z.string().min(1),
          port: port.default(5432),
          database: z.string().min(1).optional(),
          sslmode: sslmode.default('prefer'),
        }),
      ])
      .optional(),
  })
  .refine(onePassword.check, onePassword.message);

const pgbouncerTarget = z
  .strictObject({ ...connection, port: port.default(6432), probe: probe.optional() })
  .refine(onePassword.check, onePassword.message)
  .refine((target) => target.probe?.user !== target.user, {
    path: ['probe', 'user'],
    message: 'a user of its own, other than the one that reads the console',
  });

/** How pgBackRest is reached: by the account that runs the exporter, and `submilli backup`. */
const backup = z.strictObject({
  stanza: name,
  config: z.string().min(1).default('/etc/pgbackrest/pgbackrest.conf'),
  program: z.string().min(1).default('pgbackrest'),
  verified_file: z.string().min(1).optional(),
});

const clusterTarget = z
  .strictObject({
    name,
    patroni: z.array(httpUrl).max(32).default([]),
    patroni_user: z.string().min(1).optional(),
    patroni_password: z.string().min(1).optional(),
    patroni_password_file: z.string().min(1).optional(),
    patroni_ca_file: z.string().min(1).optional(),
    patroni_cert_file: z.string().min(1).optional(),
    patroni_key_file: z.string().min(1).optional(),
    postgres: z.array(name).max(32).default([]),
    etcd: z.array(httpUrl).max(32).default([]),
    etcd_ca_file: z.string().min(1).optional(),
    etcd_cert_file: z.string().min(1).optional(),
    etcd_key_file: z.string().min(1).optional(),
    watchdog: z.enum(['off', 'automatic', 'required']).optional(),
    backup: backup.optional(),
    drills_directory: z.string().min(1).optional(),
  })
  .refine(
    (cluster) => cluster.patroni.length + cluster.postgres.length > 0,
    'at least one Patroni URL or the name of one entry under postgres',
  )
  .refine(
    (cluster) => cluster.patroni_password === undefined || cluster.patroni_password_file === undefined,
    'either patroni_password or patroni_password_file, not both',
  )
  .refine(
    (cluster) =>
      (cluster.patroni_password ?? cluster.patroni_password_file) === undefined || cluster.patroni_user !== undefined,
    { path: ['patroni_user'], message: 'the user that the password is for' },
  )
  .refine((cluster) => (cluster.patroni_cert_file === undefined) === (cluster.patroni_key_file === undefined), {
    path: ['patroni_cert_file'],
    message: 'both patroni_cert_file and patroni_key_file, or neither',
  })
  .refine((cluster) => (cluster.etcd_cert_file === undefined) === (cluster.etcd_key_file === undefined), {
    path: ['etcd_cert_file'],
    message: 'both etcd_cert_file and etcd_key_file, or neither',
  });

const listen = z.strictObject({
  database: address.default('127.0.0.1:9091'),
  pool: address.default('127.0.0.1:9092'),
  query: address.default('127.0.0.1:9093'),
  ha: address.default('127.0.0.1:9094'),
});

const timeouts = z
  .strictObject({
    connect_ms: milliseconds.default(2000),
    lock_ms: milliseconds.default(100),
    statement_ms: milliseconds.default(2000),
    scrape_ms: milliseconds.default(9000),
  })
  .refine(
    (t) => t.lock_ms < t.statement_ms && t.statement_ms < t.scrape_ms,
    'lock_ms < statement_ms < scrape_ms, so that the server gives up before the scrape does',
  );

const limits = z.strictObject({
  series_per_family: z.number().int().min(10).max(100_000).default(2000),
  statements: z.number().int().min(1).max(5000).default(100),
  databases: z.number().int().min(1).max(1000).default(10),
  surveyed_databases: z.number().int().min(1).max(1000).default(50),
  wait_events: z.number().int().min(1).max(5000).default(100),
  tables: z.number().int().min(1).max(5000).default(25),
  indexes: z.number().int().min(1).max(5000).default(25),
  applications: z.number().int().min(1).max(1000).default(20),
});

const thresholds = z
  .strictObject({
    query_time_warning_ms: positive.default(healthThresholds.query_time_warning_ms),
    query_time_critical_ms: positive.default(healthThresholds.query_time_critical_ms),
    connection_utilization_warning: percent.default(healthThresholds.connection_utilization_warning),
    connection_utilization_critical: percent.default(healthThresholds.connection_utilization_critical),
    buffer_hit_ratio_warning: percent.default(healthThresholds.buffer_hit_ratio_warning),
    buffer_hit_ratio_critical: percent.default(healthThresholds.buffer_hit_ratio_critical),
    lock_waiters_critical: z.number().int().positive().default(healthThresholds.lock_waiters_critical),
    blocked_warning_seconds: positive.default(healthThresholds.blocked_warning_seconds),
    blocked_critical_seconds: positive.default(healthThresholds.blocked_critical_seconds),
    idle_in_transaction_warning_seconds: positive.default(healthThresholds.idle_in_transaction_warning_seconds),
    idle_in_transaction_critical_seconds: positive.default(healthThresholds.idle_in_transaction_critical_seconds),
    oldest_transaction_warning_seconds: positive.default(healthThresholds.oldest_transaction_warning_seconds),
    oldest_transaction_critical_seconds: positive.default(healthThresholds.oldest_transaction_critical_seconds),
    deadlocks_per_minute_critical: positive.default(healthThresholds.deadlocks_per_minute_critical),
    wraparound_warning: percent.default(healthThresholds.wraparound_warning),
    wraparound_critical: percent.default(healthThresholds.wraparound_critical),
    dead_rows_warning: percent.default(healthThresholds.dead_rows_warning),
    dead_rows_critical: percent.default(healthThresholds.dead_rows_critical),
    replication_lag_warning_mb: positive.default(healthThresholds.replication_lag_warning_mb),
    replication_lag_critical_mb: positive.default(healthThresholds.replication_lag_critical_mb),
    replication_delay_warning_seconds: positive.default(healthThresholds.replication_delay_warning_seconds),
    replication_delay_critical_seconds: positive.default(healthThresholds.replication_delay_critical_seconds),
    rollback_ratio_warning: percent.default(healthThresholds.rollback_ratio_warning),
    rollback_ratio_critical: percent.default(healthThresholds.rollback_ratio_critical),
    lost_sessions_per_minute_warning: positive.default(healthThresholds.lost_sessions_per_minute_warning),
    lost_sessions_per_minute_critical: positive.default(healthThresholds.lost_sessions_per_minute_critical),
    pool_saturation_warning: positive.default(healthThresholds.pool_saturation_warning),
    pool_saturation_critical: positive.default(healthThresholds.pool_saturation_critical),
    pool_wait_warning_seconds: positive.default(healthThresholds.pool_wait_warning_seconds),
    pool_wait_critical_seconds: positive.default(healthThresholds.pool_wait_critical_seconds),
  })
  .superRefine((t, context) => {
    const rising: readonly (keyof typeof t)[][] = [
      ['query_time_warning_ms', 'query_time_critical_ms'],
      ['connection_utilization_warning', 'connection_utilization_critical'],
      ['buffer_hit_ratio_critical', 'buffer_hit_ratio_warning'],
      ['blocked_warning_seconds', 'blocked_critical_seconds'],
      ['idle_in_transaction_warning_seconds', 'idle_in_transaction_critical_seconds'],
      ['oldest_transaction_warning_seconds', 'oldest_transaction_critical_seconds'],
      ['wraparound_warning', 'wraparound_critical'],
      ['dead_rows_warning', 'dead_rows_critical'],
      ['replication_lag_warning_mb', 'replication_lag_critical_mb'],
      ['replication_delay_warning_seconds', 'replication_delay_critical_seconds'],
      ['rollback_ratio_warning', 'rollback_ratio_critical'],
      ['lost_sessions_per_minute_warning', 'lost_sessions_per_minute_critical'],
      ['pool_saturation_warning', 'pool_saturation_critical'],
      ['pool_wait_warning_seconds', 'pool_wait_critical_seconds'],
    ];
    for (const [low, high] of rising) {
      if (low !== undefined && high !== undefined && t[low] >= t[high]) {
        context.addIssue({ code: 'custom', path: [low], message: `a value below ${high} (${t[high]})`, input: t[low] });
      }
    }
  });

/** Generic plans of the statements with the most time. */
const plans = z.strictObject({
  enabled: z.boolean().default(false),
  interval_seconds: z.number().min(0.1).max(86_400).default(300),
  statements: z.number().int().min(1).max(1000).default(50),
});

/** Which indexes the workload wants. */
const indexAdvice = z.strictObject({
  enabled: z.boolean().default(false),
  interval_seconds: z.number().min(1).max(86_400).default(3600),
  storage_mb: z.number().positive().default(1024),
  explains: z.number().int().min(1).max(100_000).default(5000),
  seconds: z.number().min(1).max(600).default(30),
  on_primary: z.boolean().default(false),
});

export const configSchema = z
  .strictObject({
    listen: listen.prefault({}),
    web_config_file: z.string().min(1).nullable().default(null),
    log_level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    legacy_metrics: z.boolean().default(true),
    compatibility: z.array(z.enum(views)).default([]),
    query_text: z.enum(['fingerprint', 'normalised']).default('fingerprint'),
    window_seconds: z.number().int().min(10).max(3600).default(60),
    latency_window_seconds: z.number().int().min(10).max(3600).default(300),
    sample_interval_seconds: z.number().min(0.1).max(60).default(5),
    pool_sampling_hz: z.number().min(0).max(20).default(4),
    session_sampling_hz: z.number().min(0).max(10).default(1),
    cluster_sampling_hz: z.number().min(0).max(4).default(1),
    cluster_outage_sampling_hz: z.number().min(0.1).max(10).default(4),
    survey_interval_seconds: z.number().min(0.1).max(86_400).default(60),
    state_directory: z.string().min(1).nullable().default(null),
    index_advice: indexAdvice.prefault({}),
    plans: plans.prefault({}),
    timeouts: timeouts.prefault({}),
    limits: limits.prefault({}),
    thresholds: thresholds.prefault({}),
    disabled_collectors: z.array(z.string()).default([]),
    postgres: z.array(postgresTarget).max(500).default([]),
    pgbouncer: z.array(pgbouncerTarget).max(500).default([]),
    clusters: z.array(clusterTarget).max(100).default([]),
    witness: witness.nullable().default(null),
    reference: reference.nullable().default(null),
  })
  .superRefine((config, context) => {
    if (config.sample_interval_seconds * 2 > config.window_seconds) {
      const message = `at most half of window_seconds (${config.window_seconds})`;
      context.addIssue({
        code: 'custom',
        path: ['sample_interval_seconds'],
        message,
        input: config.sample_interval_seconds,
      });
    }
    if (config.cluster_outage_sampling_hz < config.cluster_sampling_hz) {
      const message = `at least cluster_sampling_hz (${config.cluster_sampling_hz})`;
      const input = config.cluster_outage_sampling_hz;
      context.addIssue({ code: 'custom', path: ['cluster_outage_sampling_hz'], message, input });
    }
    for (const section of ['postgres', 'pgbouncer', 'clusters'] as const) {
      const names = config[section].map((target) => target.name);
      names.forEach((own, i) => {
        if (names.indexOf(own) !== i) {
          context.addIssue({ code: 'custom', path: [section, i, 'name'], message: 'a name used once', input: own });
        }
      });
    }
    const poolers = new Set(config.pgbouncer.map((target) => target.name));
    config.postgres.forEach(({ canary: { pool } = {} }, i) => {
      if (typeof pool === 'string' && !poolers.has(pool)) {
        const message = `the name of an entry under pgbouncer (there: ${[...poolers].join(', ') || 'none'})`;
        context.addIssue({ code: 'custom', path: ['postgres', i, 'canary', 'pool'], message, input: pool });
      }
    });
    const servers = new Set(config.postgres.map((target) => target.name));
    const there = `the name of an entry under postgres (there: ${[...servers].join(', ') || 'none'})`;
    config.pgbouncer.forEach(({ probe: { direct } = {} }, i) => {
      if (typeof direct === 'string' && !servers.has(direct)) {
        const path = ['pgbouncer', i, 'probe', 'direct'];
        context.addIssue({ code: 'custom', path, message: there, input: direct });
      }
    });
    config.clusters.forEach((cluster, i) =>
      cluster.postgres.forEach((member, j) => {
        if (!servers.has(member)) {
          const path = ['clusters', i, 'postgres', j];
          context.addIssue({ code: 'custom', path, message: there, input: member });
        }
      }),
    );
  });

export type Config = z.output<typeof configSchema>;
export type Thresholds = Config['thresholds'];
export type PostgresTarget = Config['postgres'][number];
export type PgbouncerTarget = Config['pgbouncer'][number];
export type ProbeSettings = NonNullable<PgbouncerTarget['probe']>;
export type ClusterTarget = Config['clusters'][number];
export type BackupSettings = NonNullable<ClusterTarget['backup']>;
export type ExporterName = keyof Config['listen'];

export const exporterNames: readonly ExporterName[] = ['database', 'pool', 'query', 'ha'];
