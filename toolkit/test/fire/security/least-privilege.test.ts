import { spawnSync } from 'node:child_process';
import {
  type AnyExporter,
  type Config,
  configSchema,
  connectSql,
  createTarget,
  deadlineIn,
  serialise,
  setupRoleSql,
  silentLogger,
  type SqlAddress,
  systemClock,
  type Target,
} from '@submilli/core';
import { databaseExporter } from '@submilli/database';
import { haExporter } from '@submilli/ha';
import { type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { poolExporter } from '@submilli/pool';
import { queryExporter } from '@submilli/query';
import { Client } from 'pg';
import { readRepo } from '../../compose/tools';
import { type LocalPgbouncer, startPgbouncer } from '../../../../exporters/pool/test/postgres/pgbouncer';

jest.setTimeout(120_000);

const PASSWORDS = { submilli: 'quietly-watching', submilli_canary: 'quietly-singing', pgbouncer: 'quietly-pooling' };
const everything = { role: 'submilli', databases: ['postgres'], readLog: true, explain: true, canary: true };
const printed = setupRoleSql(everything);

/** What a grant is for: without it this part of this exporter says that it lacks something, or this series is there. */
type Need = {
  readonly grant: string;
  readonly exporter: AnyExporter;
  readonly part?: string;
  readonly series?: RegExp;
  /** Another that has to go with it, as it brings the same for all schemas. */
  readonly beside?: string;
};
const canaryFails = (operation: string): RegExp =>
  new RegExp(`^db_canary_failures_total\\{path="direct",operation="${operation}",reason="[^"]+"\\} [1-9]`, 'm');
const needs: readonly Need[] = [
  { grant: 'GRANT pg_monitor TO "submilli"', exporter: databaseExporter, part: 'activity' },
  {
    grant: 'GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO "submilli"',
    exporter: databaseExporter,
    part: 'hba',
  },
  {
    grant: 'GRANT EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings() TO "submilli"',
    exporter: databaseExporter,
    part: 'settings-files',
  },
  {
    grant: 'GRANT pg_read_all_data TO "submilli"',
    exporter: queryExporter,
    series: /^db_query_plans_total\{outcome="permission"\} [1-9]/m,
  },
  {
    grant: 'GRANT USAGE ON SCHEMA submilli TO "submilli"',
    beside: 'GRANT pg_read_all_data TO "submilli"',
    exporter: queryExporter,
    part: 'log',
  },
  {
    grant: 'GRANT EXECUTE ON FUNCTION submilli.read_log(text, int8, int8) TO "submilli"',
    exporter: queryExporter,
    part: 'log',
  },
  {
    grant: 'GRANT USAGE ON SCHEMA submilli TO submilli_canary',
    exporter: queryExporter,
    series: canaryFails('read'),
  },
  {
    grant: 'GRANT SELECT, UPDATE (beat) ON submilli.canary TO submilli_canary',
    exporter: queryExporter,
    series: canaryFails('write'),
  },
];
const revoking = (grant: string): string => grant.replace('GRANT', 'REVOKE').replace(/ TO (?=\S+$)/, ' FROM ');

type Runs = ReturnType<Target['view']>['runs'];
type Seen = { readonly text: string; readonly runs: Runs };

/** What has nothing to do with rights. */
const INNOCENT = ['role', 'version', 'configuration', 'disabled'];

describe.each([14, 18] as const)('with exactly the documented grants on PostgreSQL %i', (major) => {
  let server: LocalPostgres;
  let standby: LocalPostgres;
  let pool: LocalPgbouncer;

  const psql = (sql: string): void => {
    const { status, stderr } = spawnSync('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1'], {
      ...{ input: sql, encoding: 'utf8' },
      env: {
        ...{ PATH: process.env.PATH, PGHOST: server.host, PGPORT: String(server.port), PGDATABASE: 'postgres' },
        ...{ PGUSER: server.superuser, PGPASSWORD: server.password },
      },
    });
    if (status !== 0) throw new Error(stderr);
  };

  const configFor = (watched: LocalPostgres): Config =>
    configSchema.parse({
      postgres: [
        {
          ...{ name: 'pg', host: watched.host, port: watched.port, sslmode: 'disable', log: { source: 'sql' } },
          password: PASSWORDS.submilli,
          canary: { database: 'postgres', password: PASSWORDS.submilli_canary, rate_hz: 20, write: true },
        },
      ],
      pgbouncer: [{ name: 'pool', port: pool.port, password: PASSWORDS.submilli, sslmode: 'disable' }],
      clusters: [{ name: 'main', postgres: ['pg'] }],
      ...{ sample_interval_seconds: 0.5, window_seconds: 10, survey_interval_seconds: 0.5 },
      plans: { enabled: true, interval_seconds: 1 },
      index_advice: { enabled: true, interval_seconds: 1, on_primary: true },
      timeouts: { connect_ms: 4000, lock_ms: 500, statement_ms: 4000, scrape_ms: 9000 },
    });

  /** Scrapes, with an application at work, until it is as wanted, for a minute at most; what it is like then. */
  const watchUntil = async (
    exporter: AnyExporter,
    wanted: (seen: Seen) => boolean,
    watched = server,
  ): Promise<Seen> => {
    const config = configFor(watched);
    const [found] = exporter.targets(config, systemClock);
    if (found === undefined) throw new Error('the configuration has no target');
    const { registry } = exporter;
    const target: Target = createTarget({
      ...{ ...found, registry, config, clock: systemClock, random: () => 0, log: silentLogger },
    });
    try {
      for (const end = Date.now() + 60_000; ;) {
        await server.query('SELECT note FROM orders WHERE id = $1', [7]);
        const text = serialise((await target.scrape(deadlineIn(9000, systemClock))).families);
        const seen = { text, runs: target.view().runs };
        if (wanted(seen) || Date.now() > end) return seen;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    } finally {
      await target.close();
    }
  };
  const troubles = (runs: Runs): string[] =>
    runs.flatMap(({ name, run }) => {
      if (run.state === 'ok') return [];
      if (run.state === 'skipped') return INNOCENT.includes(run.skip.reason) ? [] : [`${name}: ${run.skip.detail}`];
      return [`${name}: ${run.state === 'failed' ? run.problem.message : run.state}`];
    });
  const lacks = (runs: Runs, part: string | undefined): boolean =>
    runs.some(({ name, run }) => name === part && run.state === 'skipped' && run.skip.remedy !== null);

  beforeAll(async () => {
    const settings = {
      ...{ logging_collector: 'on', log_destination: major >= 15 ? 'jsonlog' : 'csvlog', lc_messages: 'C' },
      ...{ log_min_duration_statement: '0', max_replication_slots: '6', max_wal_senders: '6' },
    };
    server = await startPostgres({ major, settings });
    await server.query("CREATE TABLE orders AS SELECT g AS id, 'n' AS note FROM generate_series(1, 20000) g");
    psql(printed);
    for (const user of ['submilli', 'submilli_canary'] as const)
      await server.query(`ALTER ROLE ${user} PASSWORD '${PASSWORDS[user]}'`);
    standby = await server.standby();
    pool = await startPgbouncer(server, PASSWORDS);
  }, 180_000);
  afterAll(async () => {
    await pool.remove();
    await standby.stop();
    await server.stop();
  });

  it('the roles may do what was granted and nothing else', async () => {
    const roles = await server.query(
      `SELECT rolname AS name, rolconnlimit AS most, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS power,
              ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                     WHERE m.member = r.oid ORDER BY 1) AS groups
         FROM pg_roles r WHERE rolname LIKE 'submilli%' ORDER BY 1`,
    );
    expect(roles).toEqual([
      { name: 'submilli', most: 18, power: false, groups: ['pg_monitor', 'pg_read_all_data'] },
      { name: 'submilli_canary', most: 6, power: false, groups: [] },
    ]);
    const rights = await server.query<{ right: string }>(
      `SELECT format('%s %s %s', a.grantee::regrole, a.privilege_type, o.object) AS right
         FROM (SELECT proacl AS acl, oid::regprocedure::text AS object FROM pg_proc
               UNION ALL SELECT relacl, oid::regclass::text FROM pg_class
               UNION ALL SELECT attacl, attrelid::regclass || '.' || attname FROM pg_attribute
               UNION ALL SELECT nspacl, nspname FROM pg_namespace
               UNION ALL SELECT datacl, datname FROM pg_database) o, aclexplode(o.acl) a
        WHERE a.grantee IN ('submilli'::regrole, 'submilli_canary'::regrole) ORDER BY 1`,
    );
    expect(rights.map(({ right }) => right)).toEqual([
      'submilli EXECUTE pg_hba_file_rules()',
      'submilli EXECUTE pg_show_all_file_settings()',
      'submilli EXECUTE submilli.read_log(text,bigint,bigint)',
      'submilli USAGE submilli',
      'submilli_canary SELECT submilli.canary',
      'submilli_canary UPDATE submilli.canary.beat',
      'submilli_canary USAGE submilli',
    ]);
  });

  it('its sessions are read-only, with limits on the server’s side', async () => {
    const names = ['default_transaction_read_only', 'lock_timeout', 'statement_timeout', 'search_path'];
    const shown = names.map((name) => `pg_catalog.current_setting('${name}') AS ${name}`).join(', ');
    // By its defaults, whatever a client forgets to ask for ...
    const forgetful = new Client({ ...server.clientConfig(), user: 'submilli', password: PASSWORDS.submilli });
    await forgetful.connect();
    try {
      const { rows } = await forgetful.query<Record<string, string>>(`SELECT ${shown}`);
      expect(rows[0]).toEqual({
        ...{ default_transaction_read_only: 'on', lock_timeout: '100ms', statement_timeout: '5s', search_path: '""' },
      });
      await expect(forgetful.query('CREATE TEMPORARY TABLE t (a int)')).rejects.toThrow('read-only transaction');
      await expect(forgetful.query('DELETE FROM public.orders')).rejects.toThrow(/permission denied|read-only/);
    } finally {
      await forgetful.end();
    }
    // ... and by what the exporters ask for, whoever they come as.
    const { session, close } = await connectSql(
      {
        address: { name: 'pg', ...server.clientConfig(), database: 'postgres', sslmode: 'disable' } as SqlAddress,
        limits: { connect_ms: 5000, lock_ms: 70, statement_ms: 7000 },
        ...{ applicationName: 'submilli/test', dialect: 'postgres', clock: systemClock },
      },
      deadlineIn(9000, systemClock),
    );
    try {
      expect(await session.query(`SELECT ${shown}`, [], deadlineIn(9000, systemClock))).toEqual([
        { default_transaction_read_only: 'on', lock_timeout: '70ms', statement_timeout: '7s', search_path: '' },
      ]);
    } finally {
      await close();
    }
  });

  it.each([
    ['database', databaseExporter],
    ['query', queryExporter],
    ['pool', poolExporter],
    ['ha', haExporter],
  ] as const)('every part of the %s exporter does what it is for', async (_, exporter) => {
    const seen = await watchUntil(exporter, ({ runs }) => troubles(runs).length === 0);
    expect(troubles(seen.runs)).toEqual([]);
    expect(seen.runs.filter(({ run }) => run.state === 'ok').length).toBeGreaterThan(4);
    expect(seen.text).toContain('\ndb_exporter_up 1\n');
    if (exporter.name === 'query') expect(seen.text).not.toMatch(/outcome="permission"\} [1-9]/);
  });

  it('and so does every part of the database exporter on a standby', async () => {
    const seen = await watchUntil(databaseExporter, ({ runs }) => troubles(runs).length === 0, standby);
    expect(troubles(seen.runs)).toEqual([]);
  });

  it.each(needs)('less $grant something says what it lacks', async ({ grant, beside = [], exporter, part, series }) => {
    expect(printed).toContain(`${grant};\n`);
    const grants = [grant, beside].flat();
    for (const each of grants) await server.query(revoking(each));
    try {
      const seen = await watchUntil(exporter, ({ runs, text }) => series?.test(text) ?? lacks(runs, part));
      if (series === undefined) expect([part, lacks(seen.runs, part)]).toEqual([part, true]);
      else expect(seen.text).toMatch(series);
    } finally {
      for (const each of grants) await server.query(each);
    }
  });

  it('less its place in stats_users the console says so', async () => {
    await pool.rewrite('stats_users = submilli', 'stats_users = nobody');
    await pool.stop();
    await pool.start();
    const seen = await watchUntil(poolExporter, ({ text }) => text.includes('db_exporter_up 0'));
    expect(seen.text).toContain('\ndb_exporter_up 0\n');
  });
});

it('the grants that are tried one by one are all there are, and docs/security.md has each of them', () => {
  const grants = [...printed.matchAll(/^(GRANT .*);$/gm)].map(([, grant = '']) => grant);
  expect([...new Set(grants)].sort()).toEqual(needs.map(({ grant }) => grant).sort());
  const page = readRepo('docs/security.md');
  for (const grant of grants) expect(page).toContain(`\`${grant.replaceAll('"', '')}\``);
});
