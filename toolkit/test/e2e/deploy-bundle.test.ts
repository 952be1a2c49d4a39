import { spawn, type StdioOptions } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@submilli/core';
import { servicesAccount } from '../../src/debian/account';
import type { Access } from '../../src/deploy/cluster';
import { poolSettings } from '../../src/deploy/console';
import { lookAt, troubles } from '../../src/deploy/health';
import { referenceAccess } from '../../src/deploy/reference';
import { serverSettings } from '../../src/deploy/servers';
import { patroniOf } from '../../src/drill/patroni';
import { pausePool } from '../../src/drill/pool';
import { layoutOf, submilliBin } from '../../src/stack/layout';
import { leftovers, type OwnCluster, putUp } from '../deploy/own-cluster';
import { type Sshd, startSshd } from '../deploy/sshd';
import { endsWith, type Outcome, submilli, until } from './stack';

jest.setTimeout(240_000);

let root = '';
let sshd: Sshd;
let cluster: OwnCluster;
let access: Access;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'submilli-bundle-'));
  chmodSync(root, 0o755);
  const account = servicesAccount();
  sshd = await startSshd(root, account);
  cluster = await putUp(root, account, { url: sshd.url(), config: sshd.config });
  access = referenceAccess(loadConfig(cluster.config), cluster.config, layoutOf(cluster.bundle));
  expect(await until(60, wrong, ({ length }) => length === 0)).toEqual([]);
}, 300_000);
const wrong = async (): Promise<string[]> => troubles(await lookAt(access, patroniOf(access)), false);
afterAll(async () => {
  await cluster?.stop();
  await sshd?.stop();
  rmSync(root, { recursive: true, force: true });
});

const deploy = (verb: string, ...more: string[]): Outcome =>
  submilli('deploy', verb, ...more, '--bundle', cluster.bundle, '--config', cluster.config);
const apply = (...more: string[]): Outcome => deploy('apply', '--yes', '--without-score', '--soak', '0', ...more);

const wishes = ['--set', 'postgresql.work_mem=9MB', '--set', 'pgbouncer.default_pool_size=21'];
const settings = async (): Promise<Awaited<ReturnType<typeof serverSettings>>> => {
  const [member] = access.members;
  if (member === undefined) throw new Error('there is no member');
  return serverSettings(member, access.watcher);
};
const shown = async (): Promise<(string | undefined)[]> => {
  const [pool] = access.pools;
  const memory = (await settings()).get('work_mem');
  const size = pool && (await poolSettings(pool)).get('default_pool_size')?.value;
  return [`${memory?.setting ?? ''}${memory?.unit ?? ''}`, size];
};
/** On the machine. */
const ini = (): string => join(cluster.configuration, 'pool1', 'pgbouncer.ini');
const file = (): string => {
  const { mode, uid, gid } = statSync(ini());
  return [mode, uid, gid, readFileSync(ini(), 'utf8')].join(' ');
};

describe('a deploy to a cluster of one’s own, over ssh', () => {
  let fresh = '';
  let before: unknown;

  it('has nothing to do where all is as it was rendered', async () => {
    expect(deploy('plan', '--exit-code')).toEqual({ status: 0, output: 'main is as it is wanted.\n' });
    [fresh, before] = [file(), await shown()];
  });

  it('changes settings and files, in the place and with the owner they have, and shows no password', async () => {
    const { status, output } = apply(...wishes);
    endsWith(0, { status, output });
    expect(output).toContain(`pool1:${ini()}`);
    for (const name of ['superuser', 'app', 'patroni', 'pgbouncer']) {
      expect(output).not.toContain(readFileSync(join(cluster.bundle, 'secrets', name), 'utf8').trim());
    }
    expect(await shown()).toEqual(['9216kB', '21']);
    expect(file()).toBe(fresh.replace('default_pool_size = 20', '; Set here, in place of 20.\ndefault_pool_size = 21'));
    expect(leftovers(cluster)).toEqual([]);
    endsWith(0, deploy('plan', '--exit-code', ...wishes));
  });

  it('can be taken back, to the last bit', async () => {
    endsWith(0, deploy('rollback', '--yes', '--without-score', '--soak', '0'));
    expect(await shown()).toEqual(before);
    expect(file()).toBe(fresh);
    endsWith(0, deploy('plan', '--exit-code'));
  });

  it('mends what somebody changed by hand', () => {
    writeFileSync(ini(), readFileSync(ini(), 'utf8').replace('server_login_retry = 0.1', 'server_login_retry = 15'));
    const drift = deploy('plan', '--exit-code');
    endsWith(1, drift);
    expect(drift.output).toContain('-server_login_retry = 15\n+server_login_retry = 0.1');
    endsWith(0, apply());
    expect(file()).toBe(fresh);
  });

  it('leaves no client waiting in a pool when it is gone', async () => {
    const place = ['--bundle', cluster.bundle, '--config', cluster.config];
    const stdio: StdioOptions = ['pipe', 'ignore', 'inherit'];
    const guard = spawn(process.execPath, [submilliBin, 'deploy', 'guard', ...place], { stdio });
    const end = new Promise<number | null>((resolve) => guard.on('close', resolve));
    const [pool] = access.pools;
    if (pool === undefined) throw new Error('there is no pool');
    await pausePool(pool, 5000);
    expect(await wrong()).toEqual([expect.stringContaining('pool1: clients are not served')]);
    guard.stdin?.end();
    expect(await end).toBe(0);
    expect(await wrong()).toEqual([]);
  });

  it('keeps off where somebody else is at work, and names them', async () => {
    const claim = join(cluster.configuration, '.submilli-deploy');
    const process = { pid: 1, startTime: '1' };
    const since = '2026-01-01T00:00:00.000Z';
    writeFileSync(claim, JSON.stringify({ process, host: 'elsewhere', user: 'somebody', since, what: 'deploy apply' }));
    const { status, output } = apply(...wishes);
    endsWith(1, { status, output });
    expect(output).toContain('somebody else deploys to it: deploy apply of somebody on elsewhere');
    expect(await shown()).toEqual(before);
    rmSync(claim);
  });

  it('brings backups, with the restart that archiving takes, and tells what is left to do by hand', async () => {
    cluster.want({ backup: { repositories: [{ path: join(root, 'one') }, { path: join(root, 'two') }] } });
    const { status, output } = apply();
    endsWith(1, { status, output });
    expect(output).toContain('it takes a restart of PostgreSQL on pg1, for archive_mode');
    expect(output).toContain('pgbackrest-schedule.service counts when it is copied to /etc/systemd/system');
    const passphrases = ['repo1', 'repo2'].map((name) =>
      readFileSync(join(cluster.bundle, 'secrets', name), 'utf8').trim(),
    );
    for (const passphrase of passphrases) expect(output).not.toContain(passphrase);
    expect((await settings()).get('archive_mode')?.setting).toBe('off');

    endsWith(0, apply('--allow-restart'));
    const now = await settings();
    expect(['archive_mode', 'archive_timeout'].map((name) => now.get(name)?.setting)).toEqual(['on', '10']);
    const conf = join(cluster.configuration, 'pgbackrest.conf');
    const text = readFileSync(conf, 'utf8');
    for (const passphrase of passphrases) expect(text).toContain(passphrase);
    expect(statSync(conf)).toMatchObject({ uid: statSync(ini()).uid, gid: statSync(ini()).gid });
    expect(statSync(conf).mode & 0o777).toBe(0o600);
    endsWith(0, deploy('plan', '--exit-code'));
  });

  it('says which machine it can’t reach, and changes nothing', async () => {
    await sshd.stop();
    const { status, output } = apply(...wishes);
    endsWith(1, { status, output });
    expect(output).toMatch(/pg1 \(ssh:.*\): no way to it over ssh: .*Connection refused/);
    expect(await shown()).toEqual(before);
  });
});
