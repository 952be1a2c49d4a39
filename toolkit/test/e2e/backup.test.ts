import { spawnSync, type SpawnSyncOptionsWithStringEncoding } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type BackupVerification, backupVerification } from '@submilli/core';
import type { Backups } from '@submilli/ha';
import type { Client } from 'pg';
import { get, trusting } from '../../src/stack/http';
import { layoutOf } from '../../src/stack/layout';
import { memberBy, metricsOf, onMember, series, stateDirectory, submilli, until } from './stack';

jest.setTimeout(400_000);

const state = stateDirectory();
const config = join(state, 'submilli.yml');
const folder = join(dirname(state), 'copies');
/** Where the plan of a restore says to start the copy. */
const COPY_PORT = 5499;
let port = NaN;

const backup = (...args: string[]) => submilli('backup', ...args, '--config', config);
const jsonIn = (output: string): unknown =>
  JSON.parse(output.slice(output.indexOf('\n{') + 1, output.lastIndexOf('}') + 1));
const status = (): Backups => jsonIn(`\n${backup('status', '--json').output}`) as Backups;
const own = (path: string): { uid: number; gid: number } => {
  const { uid, gid } = statSync(path);
  return { uid, gid };
};
const server = (): { uid: number; gid: number } => own(join(state, 'pg1', 'PG_VERSION'));
const give = (path: string): void => chownSync(path, server().uid, server().gid);

/** A configuration that differs in pgBackRest's alone, and remembers nothing. */
const variant = (name: string, change: (text: string) => string): string => {
  const [there, file] = [join(folder, `${name}.conf`), join(folder, `${name}.yml`)];
  writeFileSync(there, change(readFileSync(join(state, 'pgbackrest', 'pg1.conf'), 'utf8')), { mode: 0o600 });
  give(there);
  const text = readFileSync(config, 'utf8').replace(/(?<= {6}config: ).*pgbackrest.*/, there);
  writeFileSync(file, text.replace(/^ +verified_file:.*\n/m, ''));
  return file;
};

/** Heartbeats with numbers, and a moment of the server's between two of them. */
const beat = (): Promise<{ moment: string; last: number }> =>
  onMember(state, port, async (client) => {
    const next = async (): Promise<number> =>
      (await client.query<{ id: number }>('INSERT INTO heartbeats DEFAULT VALUES RETURNING id')).rows[0]?.id ?? NaN;
    for (let i = 0; i < 5; i += 1) await next();
    const last = await next();
    const { rows } = await client.query<{ at: string }>(
      `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
    );
    for (let i = 0; i < 5; i += 1) await next();
    return { moment: rows[0]?.at ?? '', last };
  });

/** WAL until now is in both repositories. */
const settle = (): Promise<void> =>
  onMember(state, port, async (client) => {
    const { rows } = await client.query<{ file: string }>(
      'SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_switch_wal()) AS file',
    );
    const done = async (): Promise<boolean> =>
      (
        await client.query<{ done: boolean }>(
          'SELECT last_archived_wal >= $1 AS done FROM pg_catalog.pg_stat_archiver',
          [rows[0]?.file],
        )
      ).rows[0]?.done === true;
    if ((await until(120, done, Boolean)) !== true) throw new Error(`${rows[0]?.file ?? ''} was not archived`);
  });

const onCopy = <T>(work: (client: Client) => Promise<T>): Promise<T> => onMember(state, COPY_PORT, work);

beforeAll(async () => {
  const { status: code, output } = submilli(
    ...['stack', 'up', '--detach', '--yes', '--rate', '20', '--no-preview', '--state', state],
  );
  if (code !== 0) throw new Error(`the stack did not start:\n${output}`);
  await memberBy(false);
  mkdirSync(folder);
  give(folder);
  port = (await memberBy(true)).port;
  await onMember(state, port, (client) =>
    client.query('CREATE TABLE heartbeats (id serial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())'),
  );
}, 900_000);
afterAll(() => {
  submilli('stack', 'down', '--state', state);
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

describe('the stack’s backups', () => {
  it('appear by themselves, one in each of two encrypted repositories, with the archive behind them', async () => {
    const seen = await until(
      240,
      () => Promise.resolve(status()),
      ({ repositories }) => repositories.every(({ backups }) => backups.length > 0),
    );
    expect(
      seen.repositories.map(({ key, problem, encrypted, backups }) => [key, problem, encrypted, backups[0]?.type]),
    ).toEqual([
      [1, null, true, 'full'],
      [2, null, true, 'full'],
    ]);
    expect(backup('status').output).toContain('any moment since');
    await settle();
  });

  it('are restored for practice, and what came of it is in metrics', async () => {
    const { moment, last } = await beat();
    await settle();
    const smoke = join(folder, 'smoke.sql');
    writeFileSync(smoke, `-- database: grandmodel\nSELECT max(id) = ${last} FROM heartbeats;\n`);
    const { output } = backup('verify', '--json', '--scratch', folder, '--time', moment, '--smoke', smoke);
    const result: BackupVerification = backupVerification.parse(jsonIn(output));
    expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
    const text = await until(
      90,
      () => metricsOf('ha'),
      (seen) => series(seen, 'db_backup_verification_success').size > 0,
    );
    expect(series(text, 'db_backup_verification_success').get('')).toBe(1);
    expect(series(text, 'db_backup_restore_seconds').get('')).toBeGreaterThan(0);
    expect(series(text, 'db_backup_verified_timestamp_seconds').get('')).toBeGreaterThan(0);
    expect([...series(text, 'db_backup_repository_up').values()]).toEqual([1, 1]);
  });

  it('bring back one heartbeat exactly: that one is there, the next is not', async () => {
    const { moment, last } = await beat();
    await settle();
    const to = join(folder, 'restored');
    const { status: code, output } = backup('restore', '--to', to, '--time', moment, '--yes');
    expect([code, output]).toEqual([0, expect.any(String)]);
    const start = /^ *Start it, as the account it belongs to: (.*)$/m.exec(output)?.[1] ?? 'false';
    const logs = join(state, 'logs', 'pg1');
    const as: SpawnSyncOptionsWithStringEncoding = {
      ...{ ...server(), cwd: folder, encoding: 'utf8' },
      stdio: ['ignore', 'ignore', 'pipe'],
    };
    const started = spawnSync('sh', ['-c', start], as);
    try {
      expect([started.status, started.stderr]).toEqual([0, '']);
      const isRecovered = async (client: Client): Promise<boolean> =>
        (await client.query<{ on: boolean }>('SELECT NOT pg_catalog.pg_is_in_recovery() AS on')).rows[0]?.on === true;
      expect(await until(60, () => onCopy(isRecovered), Boolean)).toBe(true);
      const ids = await onCopy(async (client) => {
        const { rows } = await client.query<{ id: number }>('SELECT id FROM heartbeats WHERE id >= $1', [last]);
        // Its commits wait for no standby of the living cluster's.
        await client.query('CREATE EXTENSION IF NOT EXISTS amcheck');
        return rows.map(({ id }) => id);
      });
      expect(ids).toEqual([last]);
      const lines = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
      expect(lines.filter((text) => text.includes('point-in-time recovery'))).toEqual([]);
    } finally {
      spawnSync(start.split(' ')[0] ?? '', ['-D', to, '-m', 'immediate', 'stop'], as);
      rmSync(to, { recursive: true, force: true });
    }
  });
});

describe('what is refused, and what is broken', () => {
  it('a restore over the data directory of the running cluster', async () => {
    const { status: code, output } = backup('restore', '--to', join(state, 'pg1'), '--yes');
    expect(code).toBe(1);
    expect(output).toContain('a PostgreSQL server runs on it');
    const rest = 'https://127.0.0.1:8008/health';
    expect(await get(rest, AbortSignal.timeout(5000), trusting(layoutOf(state)))).toMatchObject({ status: 200 });
  });

  it('a wrong passphrase: the repository is named, the other goes on', () => {
    const file = variant('passphrase', (text) => text.replace(/(?<=repo1-cipher-pass=).*/, 'not-the-passphrase'));
    const { status: code, output } = submilli('backup', 'status', '--config', file);
    expect(code).toBe(1);
    expect(output).toMatch(/repository 1 cannot be used: \[(Format|Crypto)Error\]/);
    expect(output).toContain('Is repo1-cipher-pass the passphrase it was made with?');
    expect(output).toMatch(/^Repository 2, encrypted: any moment since/m);
  });

  it('WAL that is gone from the archive: the rehearsal fails and says what ended', async () => {
    const { moment } = await beat();
    await settle();
    const broken = join(folder, 'repo1');
    cpSync(join(state, 'repositories', 'repo1'), broken, { recursive: true });
    const last = status().repositories[0]?.backups.at(-1);
    // What the backup itself needs stays.
    const archive = join(broken, 'archive', 'grandmodel', '15-1');
    const needed = statSync(join(state, 'repositories', 'repo1', 'backup', 'grandmodel', last?.label ?? '')).mtimeMs;
    for (const name of readdirSync(archive, { recursive: true, encoding: 'utf8' })) {
      const path = join(archive, name);
      const from = join(state, 'repositories', 'repo1', 'archive', 'grandmodel', '15-1', name);
      if (name.endsWith('.zst') && statSync(from).mtimeMs > needed + 2000) rmSync(path);
    }
    spawnSync('chown', ['-R', `${server().uid}:${server().gid}`, broken]);
    const file = variant('broken', (text) => text.replace(/(?<=repo1-path=).*/, broken));
    const args = ['--json', '--scratch', folder, '--repo', '1', '--time', moment, '--config', file];
    const { status: code, output } = submilli('backup', 'verify', ...args);
    expect(code).toBe(1);
    const { checks } = backupVerification.parse(jsonIn(output));
    expect(checks[0]?.detail).toContain('the archive ends before the moment that was asked for');
    expect(readdirSync(folder).filter((name) => name.startsWith('submilli-verify-'))).toEqual([]);
  });

  it('a repository that cannot be read: said, published, and over when it can be again', async () => {
    const path = join(state, 'repositories', 'repo1');
    const up = async () => series(await metricsOf('ha'), 'db_backup_repository_up');
    chmodSync(path, 0o000);
    try {
      const { status: code, output } = backup('status');
      expect(code).toBe(1);
      expect(output).toMatch(/repository 1 cannot be used: .*Permission denied/);
      const down = await until(120, up, (seen) => seen.get('{repository="1"}') === 0);
      expect([...down]).toEqual([
        ['{repository="1"}', 0],
        ['{repository="2"}', 1],
      ]);
    } finally {
      chmodSync(path, 0o750);
    }
    const again = await until(120, up, (seen) => seen.get('{repository="1"}') === 1);
    expect([...again.values()]).toEqual([1, 1]);
    expect(existsSync(join(path, 'archive'))).toBe(true);
  });
});
