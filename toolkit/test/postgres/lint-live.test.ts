import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupDatabaseStatements, setupRoleStatements } from '@submilli/core';
import { freePort, type LocalPostgres, startPostgres } from '@submilli/local-postgres';
import { stringify } from 'yaml';
import { type LocalPgbouncer, startPgbouncer } from '../../../exporters/pool/test/postgres/pgbouncer';
import { submilli, until } from '../e2e/stack';

jest.setTimeout(180_000);

const PASSWORDS = { submilli: 'watch-me-quietly', bare: 'sees-little-of-it' };
const folder = mkdtempSync(join(tmpdir(), 'submilli-lint-live-'));

type Finding = { rule: string; severity: string; says: string; file: string; see: { file: string }[] };
type Told = { status: number | null; output: string; findings: readonly Finding[] };

let primary: LocalPostgres;
let standby: LocalPostgres;
let pool: LocalPgbouncer;

const postgres = (name: string, { port }: LocalPostgres, user: keyof typeof PASSWORDS = 'submilli') => ({
  ...{ name, host: '127.0.0.1', port, database: 'postgres', sslmode: 'disable' },
  ...{ user, password: PASSWORDS[user] },
});
const pgbouncer = () => ({
  ...{ name: 'pool', host: '127.0.0.1', port: pool.port, sslmode: 'disable' },
  ...{ user: 'submilli', password: PASSWORDS.submilli },
});

const lintLive = (config: object, files: Readonly<Record<string, string>> = {}): Told => {
  const place = mkdtempSync(join(folder, 'files-'));
  const own = join(folder, 'submilli.yml');
  writeFileSync(own, stringify({ pgbouncer: [pgbouncer()], ...config }));
  const paths = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(place, name), text);
    return join(place, name);
  });
  const { status, output } = submilli(
    'lint',
    '--live',
    '--json',
    '--config',
    own,
    ...paths,
    ...(paths.length ? [] : [own]),
  );
  const [from, to] = [output.indexOf('{'), output.lastIndexOf('}') + 1];
  const findings = from < 0 ? [] : (JSON.parse(output.slice(from, to)) as { findings: Finding[] }).findings;
  return { status, output, findings: findings.filter(({ rule }) => rule.startsWith('live-')) };
};
const both = (): object => ({ postgres: [postgres('pg1', primary), postgres('pg2', standby)] });
const saying = ({ findings }: Told, rule: string): string[] =>
  findings.filter((one) => one.rule === rule).map(({ says }) => says);

beforeAll(async () => {
  primary = await startPostgres({ major: 15, installation: '/usr/lib/postgresql/15' });
  const role = { role: 'submilli' };
  for (const statement of [...setupRoleStatements(role), ...setupDatabaseStatements(role)])
    await primary.query(statement);
  await primary.query(`ALTER ROLE submilli PASSWORD '${PASSWORDS.submilli}'`);
  await primary.query(`CREATE ROLE bare LOGIN PASSWORD '${PASSWORDS.bare}'`);
  standby = await primary.standby();
  pool = await startPgbouncer(primary, { submilli: PASSWORDS.submilli, pgbouncer: 'admin' });
});
afterAll(async () => {
  await pool.remove();
  await standby.stop();
  await primary.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('lint --live', () => {
  it('has nothing to say of servers that run as their files say, and changes nothing', async () => {
    const { rows } = {
      rows: await primary.query<{ name: string; value: string }>(
        `SELECT name, current_setting(name) AS value FROM pg_settings
        WHERE source IN ('configuration file', 'default') AND name !~ '^(lc_|port$)' AND context <> 'internal'
          AND vartype IN ('bool', 'integer', 'real', 'enum')`,
      ),
    };
    expect(rows.length).toBeGreaterThan(200);
    const conf = rows.map(({ name, value }) => `${name} = '${value}'\n`).join('');
    const ini = `[pgbouncer]\nlisten_port = ${pool.port}\ndefault_pool_size = 1\npool_mode = transaction\n`;
    const told = lintLive(both(), { 'postgresql.conf': conf, 'pgbouncer.ini': ini });
    expect(told.findings).toEqual([]);
    expect(told.output).not.toContain(PASSWORDS.submilli);
  });

  it('tells where servers and the pool run with something else than their files say', () => {
    const told = lintLive(both(), {
      'postgresql.conf':
        "work_mem = 64MB\nmaintenance_work_mem = 65536kB\nautovacuum = 'no'\nshared_preload_libraries = nothing\n",
      'pgbouncer.ini': `[pgbouncer]\nlisten_port = ${pool.port}\ndefault_pool_size = 40\nquery_wait_timeout = 120.0\nserver_reset_query_always = yes\n`,
    });
    expect(saying(told, 'live-setting-differs').toSorted()).toEqual([
      'pg1 runs with autovacuum on',
      'pg1 runs with shared_preload_libraries pg_stat_statements',
      'pg1 runs with work_mem 4MB',
      'pg2 runs with autovacuum on',
      'pg2 runs with shared_preload_libraries pg_stat_statements',
      'pg2 runs with work_mem 4MB',
    ]);
    expect(saying(told, 'live-pool-differs').toSorted()).toEqual([
      'pool runs with default_pool_size 1',
      'pool runs with server_reset_query_always 0',
    ]);
    const found = told.findings.find(({ says }) => says === 'pg1 runs with work_mem 4MB');
    expect(found?.file).toMatch(/postgresql\.conf$/);
    expect(found?.see.map(({ file }) => file)).toEqual(['live/postgres/pg1']);
    expect(found?.severity).toBe('warning');
  });

  it('tells what waits for a restart, and where two members are different', async () => {
    await primary.query(`ALTER SYSTEM SET max_connections = 321`);
    await primary.query(`ALTER SYSTEM SET random_page_cost = 1.5`);
    await primary.query(`ALTER SYSTEM SET archive_command = 'PGPASSWORD=never-to-be-seen push %p'`);
    await primary.query(`ALTER SYSTEM SET restore_command = 'pull --repo1-cipher-pass=never-to-be-seen %f %p'`);
    await primary.query('SELECT pg_reload_conf()');
    try {
      const isTaken = async (): Promise<boolean> =>
        (await primary.query<{ taken: boolean }>("SELECT current_setting('random_page_cost') = '1.5' AS taken"))[0]
          ?.taken === true;
      expect(await until(30, isTaken, (taken) => taken)).toBe(true);
      const told = lintLive(both());
      expect(saying(told, 'live-pending-restart')).toEqual(['pg1 has max_connections 60 until it is restarted']);
      expect(saying(told, 'live-members-differ')).toEqual(['pg2 has random_page_cost 4, pg1 1.5']);
      expect(saying(told, 'live-file-error')).toEqual([]);
      expect(told.output).not.toContain('never-to-be-seen');
    } finally {
      for (const name of ['max_connections', 'random_page_cost', 'archive_command', 'restore_command'])
        await primary.query(`ALTER SYSTEM RESET ${name}`);
      await primary.query('SELECT pg_reload_conf()');
    }
  });

  it('tells lines that a server cannot use before it has to', () => {
    appendFileSync(join(standby.dataDir, 'postgresql.conf'), "\nwork_mem = 'lots'\n");
    appendFileSync(join(standby.dataDir, 'pg_hba.conf'), '\nhost all all 10.0.0.0/8 scam\n');
    const told = lintLive(both());
    expect(told.status).toBe(1);
    const errors = saying(told, 'live-file-error');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^pg2, .*postgresql\.conf:\d+, work_mem: /);
    expect(saying(told, 'live-hba-error')).toEqual([
      expect.stringMatching(/^pg2, .*pg_hba\.conf:\d+: invalid authentication method "scam"/),
    ]);
    expect(told.findings.every(({ file }) => file.startsWith('live/'))).toBe(true);
  });

  it('says what the role may not see, and what it takes, and goes on', () => {
    const told = lintLive(
      { postgres: [postgres('pg1', primary, 'bare')] },
      { 'postgresql.conf': 'work_mem = 64MB\n', 'pgbouncer.ini': '[pgbouncer]\nmax_client_conn = 99\n' },
    );
    expect(saying(told, 'live-setting-differs')).toEqual(['pg1 runs with work_mem 4MB']);
    expect(saying(told, 'live-pool-differs')).toEqual(['pool runs with max_client_conn 12']);
    const unread = saying(told, 'live-unread').join('\n');
    expect(unread).toContain('bare is not a member of pg_monitor. GRANT pg_monitor TO bare');
    expect(unread).toContain('GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO bare');
    expect(told.output).not.toContain(PASSWORDS.bare);
  });

  it('tells a server that does not answer, or refuses, as an error, and looks at the others', async () => {
    const nobody = { ...postgres('away', primary), port: await freePort() };
    const stranger = { ...postgres('stranger', primary), password: 'wrong-for-sure' };
    const told = lintLive(
      { postgres: [nobody, stranger, postgres('pg1', primary)] },
      { 'postgresql.conf': 'work_mem = 64MB\n' },
    );
    expect(told.status).toBe(1);
    expect(told.findings.filter(({ rule }) => rule === 'live-unread')).toMatchObject([
      { severity: 'error', says: expect.stringMatching(/^PostgreSQL away: .*ECONNREFUSED/) as string },
      {
        severity: 'error',
        says: expect.stringMatching(/^PostgreSQL stranger: password authentication failed/) as string,
      },
    ]);
    expect(saying(told, 'live-setting-differs')).toEqual(['pg1 runs with work_mem 4MB']);
    expect(told.output).not.toContain('wrong-for-sure');
  });

  it('asks for targets where the configuration has none', () => {
    const { status, output } = lintLive({ pgbouncer: [] });
    expect(status).toBe(2);
    expect(output).toContain('has no targets to look at');
  });
});
