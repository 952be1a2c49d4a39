import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { backupVerification, type BackupVerification, configSchema, type Target } from '@submilli/core';
import { haExporter } from '@submilli/ha';
import { type LocalPostgres, serverAccount, startPostgres } from '@submilli/local-postgres';
import { scrapeUntil, valueOf, watch as watchTarget } from '../../../exporters/core/test/watching';
import { renderReference } from '../../src/stack/template';
import { backupGrantsSql } from '../../src/stack/trading';

jest.setTimeout(240_000);

const DEBIAN_15 = '/usr/lib/postgresql/15';
const bin = join(__dirname, '..', '..', 'bin', 'submilli.js');
const passphrases = { repo1_passphrase: 'first-passphrase-canary', repo2_passphrase: 'second-passphrase-canary' };

const folder = mkdtempSync(join(tmpdir(), 'submilli-backup-'));
const configFile = join(folder, 'pgbackrest', 'pg1.conf');
const verifiedFile = join(folder, 'verified.json');
const submilliFile = join(folder, 'submilli.yml');
const account = serverAccount();
const repositoryOf = (key: 1 | 2): string => join(folder, 'repositories', `repo${key}`);

const give = (path: string): void => {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
};
const makeDir = (path: string): void => {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
  give(path);
};

let server: LocalPostgres;
let target: Target;

const pgbackrest = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    'pgbackrest',
    [`--config=${configFile}`, '--stanza=grandmodel', ...args],
    {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', PGHOST: '127.0.0.1', PGPASSWORD: server.password },
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    },
  );
  return { status, output: stdout + stderr };
};

const backup = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'backup', ...args, '--config', submilliFile], {
    encoding: 'utf8',
    timeout: 200_000,
  });
  return { status, stdout, output: stdout + stderr };
};

const verify = (...args: string[]): BackupVerification =>
  backupVerification.parse(JSON.parse(backup('verify', '--json', '--scratch', folder, ...args).stdout));

/** Beats whose commits lie apart, and a moment in the middle between the fifth and the sixth. */
const beat = async (): Promise<{ moment: string; last: number }> => {
  const at: number[] = [];
  for (let i = 0; i < 10; i += 1) {
    const before = Date.now();
    await server.query('INSERT INTO beats DEFAULT VALUES');
    at.push(before, Date.now());
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  const middle = ((at[9] ?? NaN) + (at[10] ?? NaN)) / 2;
  const [{ id } = { id: NaN }] = await server.query<{ id: number }>('SELECT max(id)::int - 5 AS id FROM beats');
  return { moment: new Date(middle).toISOString(), last: id };
};

/** All WAL until now is in the archive. */
const settle = async (): Promise<void> => {
  await server.query('INSERT INTO beats DEFAULT VALUES');
  const [{ file } = { file: '' }] = await server.query<{ file: string }>(
    'SELECT pg_walfile_name(pg_switch_wal()) AS file',
  );
  for (let i = 0; i < 300; i += 1) {
    const [row] = await server.query<{ done: boolean }>(
      'SELECT last_archived_wal >= $1 AS done FROM pg_stat_archiver',
      [file],
    );
    if (row?.done === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${file} was not archived`);
};

const watch = (): void => {
  target = watchTarget(haExporter, configSchema.parse(JSON.parse(readFileSync(submilliFile, 'utf8'))));
};

/** It looks at once, and then once a minute. */
const watchAnew = async (): Promise<void> => {
  await target.close();
  watch();
};

const seen = (): Promise<string> => scrapeUntil(target, (text) => text.includes('db_backup_repository_up'));

beforeAll(async () => {
  chmodSync(folder, 0o755);
  const folders = [
    repositoryOf(1),
    repositoryOf(2),
    ...['', 'spool', 'lock'].map((name) => join(folder, 'pgbackrest', name)),
  ];
  for (const path of [folder, ...folders]) makeDir(path);
  const archive = `pgbackrest --config=${configFile} --stanza=grandmodel archive-push %p`;
  server = await startPostgres({
    ...{ major: 15, installation: DEBIAN_15, dataDir: join(folder, 'pg1'), superuserPassword: 'super-secret-canary' },
    settings: { archive_mode: true, archive_timeout: '10s', archive_command: archive },
  });
  await server.query(`CREATE ROLE pgbackrest LOGIN PASSWORD '${server.password}'`);
  await server.query(backupGrantsSql);
  const values = {
    ...{ stanza: 'grandmodel', data_dir: join(folder, 'pg1'), port: server.port, dir: join(folder, 'pgbackrest') },
    ...{ retention_by: 'time', retention: 30, queue_max: '1GiB' },
    ...{ repo1: `repo1-path=${repositoryOf(1)}`, repo2: `repo2-path=${repositoryOf(2)}` },
    ...passphrases,
  };
  writeFileSync(configFile, renderReference('pgbackrest/pgbackrest.conf', values), { mode: 0o600 });
  give(configFile);
  const settings = { stanza: 'grandmodel', config: configFile, verified_file: verifiedFile };
  const text = { clusters: [{ name: 'main', patroni: ['http://127.0.0.1:1'], postgres: ['pg1'], backup: settings }] };
  const login = {
    name: 'pg1',
    host: server.host,
    port: server.port,
    user: 'postgres',
    password: server.password,
    sslmode: 'disable',
  };
  writeFileSync(submilliFile, JSON.stringify({ ...text, postgres: [login] }));
  watch();
  await server.query('CREATE TABLE beats (id serial PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())');
}, 180_000);
afterAll(async () => {
  await target.close();
  await server.stop('immediate');
  rmSync(folder, { recursive: true, force: true });
});

it('a stanza that was not made is said to be missing, with the command that makes it', () => {
  const { status, output } = backup('status');
  expect(status).toBe(1);
  expect(output).toMatch(/cannot be used|knows no stanza/);
});

it('the reference configuration is taken as it is; what is in no repository yet is a problem', () => {
  expect(pgbackrest('stanza-create')).toMatchObject({ status: 0 });
  const { status, output } = backup('status');
  expect(status).toBe(1);
  expect(output).toContain('repository 1 has no backup');
});

it('backups in both repositories, encrypted, are listed and published', async () => {
  for (const repo of [1, 2]) expect(pgbackrest(`--repo=${repo}`, '--type=full', 'backup')).toMatchObject({ status: 0 });
  expect(pgbackrest('--repo=1', '--type=incr', 'backup')).toMatchObject({ status: 0 });
  await watchAnew();
  const text = await seen();
  for (const repository of ['1', '2']) {
    expect(valueOf(text, `db_backup_repository_up{repository="${repository}"}`)).toBe(1);
    expect(valueOf(text, `db_backup_repository_encrypted{repository="${repository}"}`)).toBe(1);
    expect(valueOf(text, `db_backup_backups{repository="${repository}",backup_type="full"}`)).toBe(1);
  }
  expect(valueOf(text, 'db_backup_backups{repository="1",backup_type="incr"}')).toBe(1);
  expect(valueOf(text, 'db_backup_last_timestamp_seconds{repository="2",backup_type="incr"}')).toBeUndefined();
  expect(valueOf(text, 'db_backup_verified_timestamp_seconds')).toBeUndefined();
});

it('a restore to a moment lands between the two transactions around it, and everything in it is whole', async () => {
  const { moment, last } = await beat();
  await settle();
  const smoke = join(folder, 'smoke.sql');
  writeFileSync(
    smoke,
    `-- The beat before the moment, and none after.\nSELECT max(id) = ${last}, max(at) <= $1 FROM beats;\n`,
  );
  const result = verify('--time', moment, '--smoke', smoke);
  expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(result.ok).toBe(true);
  expect(result.checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['moment', 'databases', 'pg_amcheck', 'pg_checksums', 'objective']),
  );
  expect(Date.parse(result.lastTransaction ?? '')).toBeLessThanOrEqual(Date.parse(moment));
  expect(Date.parse(result.nextTransaction ?? '')).toBeGreaterThan(Date.parse(moment));
  expect(readdirSync(folder).filter((name) => name.startsWith('submilli-verify-'))).toEqual([]);
});

it('from the other repository as well', async () => {
  const { moment } = await beat();
  await settle();
  expect(verify('--time', moment, '--repo', '2')).toMatchObject({ ok: true, repository: 2 });
});

it('what does not hold of the copy fails, and says what', async () => {
  const { moment } = await beat();
  await settle();
  const smoke = join(folder, 'wrong.sql');
  writeFileSync(smoke, 'SELECT count(*) = 0 FROM beats;\n');
  const result = verify('--time', moment, '--smoke', smoke);
  expect(result.ok).toBe(false);
  expect(result.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['SELECT count(*) = 0 FROM beats']);
});

it('a moment that the archive does not reach is no success, and is remembered as that', async () => {
  const result = verify('--time', new Date(Date.now() + 3_600_000).toISOString());
  expect(result.ok).toBe(false);
  expect(result.checks[0]?.detail).toContain('the archive ends before the moment');
  expect(readdirSync(folder).filter((name) => name.startsWith('submilli-verify-'))).toEqual([]);
  await watchAnew();
  const text = await seen();
  expect(valueOf(text, 'db_backup_verification_success')).toBe(0);
  expect(valueOf(text, 'db_backup_verified_timestamp_seconds')).toBeGreaterThan(0);
  expect(valueOf(text, 'db_backup_restore_seconds')).toBeGreaterThan(0);
  const { status, output } = backup('status');
  expect(status).toBe(1);
  expect(output).toContain('the last rehearsal of a restore failed');
});

it('a running server is never restored over, nor anybody’s files', () => {
  const running = backup('restore', '--to', join(folder, 'pg1'), '--yes');
  expect(running.status).toBe(1);
  expect(running.output).toContain('a PostgreSQL server runs on it');
  const used = join(folder, 'used');
  makeDir(used);
  writeFileSync(join(used, 'letter'), 'dear');
  const taken = backup('restore', '--to', used, '--yes');
  expect(taken.status).toBe(1);
  expect(taken.output).toContain('not empty');
  expect(readFileSync(join(used, 'letter'), 'utf8')).toBe('dear');
});

it('a restore shows its plan, asks, and brings a data directory that starts nothing by itself', async () => {
  const { moment } = await beat();
  await settle();
  const to = join(folder, 'restored');
  const plan = backup('restore', '--to', to, '--time', moment, '--plan');
  expect(plan.status).toBe(0);
  expect(plan.output).toContain('--archive-mode=off');
  expect(existsSync(to)).toBe(false);
  const unasked = backup('restore', '--to', to, '--time', moment);
  expect(unasked.status).toBe(1);
  expect(unasked.output).toContain('nobody is there to ask');
  expect(backup('restore', '--to', to, '--time', moment, '--yes').status).toBe(0);
  expect(existsSync(join(to, 'PG_VERSION'))).toBe(true);
  expect(existsSync(join(to, 'postmaster.pid'))).toBe(false);
});

it('no passphrase and no password is in anything that is printed or written', async () => {
  const texts = [
    backup('status', '--json').output,
    backup('restore', '--to', join(folder, 'other'), '--plan').output,
    readFileSync(verifiedFile, 'utf8'),
    await seen(),
    readFileSync(server.logFile, 'utf8'),
  ];
  for (const secret of [...Object.values(passphrases), 'super-secret-canary']) {
    expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  }
});

it('a repository that is gone is said to be, while the other goes on', async () => {
  rmSync(repositoryOf(2), { recursive: true });
  await watchAnew();
  const text = await seen();
  expect(valueOf(text, 'db_backup_repository_up{repository="1"}')).toBe(1);
  expect(valueOf(text, 'db_backup_repository_up{repository="2"}')).toBe(0);
  expect(text).not.toMatch(/db_backup_backups\{repository="2"/);
});
