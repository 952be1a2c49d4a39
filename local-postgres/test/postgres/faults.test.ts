import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort, startPostgres } from '../../src/index';

jest.setTimeout(120_000);

const checkout = resolve(__dirname, '..', '..', '..');

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(50);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('a paused server hangs instead of failing, answers after it resumes, and can be stopped while paused', async () => {
  const server = await startPostgres({ major: 18 });
  const client = new Client(server.clientConfig());
  await client.connect();
  server.pause();
  let answered = false;
  const answer = client.query('SELECT 1').finally(() => (answered = true));
  await sleep(300);
  expect(answered).toBe(false);
  server.resume();
  await answer;
  await client.end();
  server.pause();
  await server.stop();
  expect(existsSync(server.dataDir)).toBe(false);
});

it('a server that cannot start says why, with the end of its log, and leaves nothing behind', async () => {
  await expect(startPostgres({ major: 18, settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
    /did not start[^]*invalid value for parameter "shared_buffers"/,
  );
  // Servers of other suites come and go in the same folder: ours is the one with that setting.
  const mine = readdirSync(tmpdir()).filter((name) => {
    const settings = join(tmpdir(), name, 'data', 'submilli.conf');
    return name.startsWith('submilli-pg-') && existsSync(settings) && readFileSync(settings, 'utf8').includes('plenty');
  });
  expect(mine).toEqual([]);
});

it('a data directory that was given is kept, and started again with its password', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-kept-'));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  try {
    const first = await startPostgres({ major: 18, dataDir });
    await first.query('CREATE TABLE kept AS SELECT 1 AS id');
    await first.stop();
    await expect(startPostgres({ major: 18, dataDir })).rejects.toThrow('superuser password was not given');
    await expect(startPostgres({ major: 18, dataDir, superuserPassword: 'guess' })).rejects.toThrow('did not start');
    const again = await startPostgres({ major: 18, dataDir, superuserPassword: first.password });
    expect(await again.query('SELECT id FROM kept')).toEqual([{ id: 1 }]);
    await again.stop();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a server does not outlive the process that started it, however that ends', async () => {
  const script = `
    require(${JSON.stringify(resolve(checkout, 'local-postgres'))}).startPostgres({ major: 18 })
      .then((server) => { console.log(JSON.stringify([server.pid(), server.dataDir])); setInterval(() => {}, 1000); });`;
  const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((done) => owner.stdout.once('data', (chunk: Buffer) => done(String(chunk))));
  const [pid, dataDir] = JSON.parse(line) as [number, string];
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  await until(() => !isAlive(pid) && !existsSync(dataDir));
});

it('an archive with another checksum than the reviewed one is refused, and nothing of it is kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'submilli-cache-'));
  const npm = join(folder, 'npm');
  writeFileSync(npm, '#!/bin/sh\necho tampered > "$4/archive.tgz"\n', { mode: 0o755 });
  const script = `require(${JSON.stringify(resolve(checkout, 'local-postgres'))}).ensurePostgres(17)
    .catch((error) => console.log(error.message));`;
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, SUBMILLI_CACHE: folder };
  try {
    const child = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
    await new Promise((done) => child.once('close', done));
    expect(output).toContain('the downloaded archive has checksum sha512-');
    expect(readdirSync(join(folder, 'postgres'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('takes no port on which somebody listens', async () => {
  const server = await startPostgres({ major: 18 });
  const taken = (server.port - 20_000) / 12_000 + 1e-9;
  const draws = [taken, taken, 0.5];
  expect(await freePort(() => draws.shift() ?? Math.random())).not.toBe(server.port);
  await server.stop('immediate');
});
