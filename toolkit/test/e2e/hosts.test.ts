import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { cutOff, rejoin } from '../../src/hosts/cable';
import { pathOn, processesOn } from '../../src/hosts/enter';
import type { NetworkRecord } from '../../src/hosts/record';
import { get, trusting } from '../../src/stack/http';
import { layoutOf } from '../../src/stack/layout';
import { isAlive } from '../../src/stack/procs';
import { readState, type StackState } from '../../src/stack/state';
import { endsWith, stateDirectory, submilli, until } from './stack';

jest.setTimeout(300_000);

const state = stateDirectory();
const isRoot = process.getuid?.() === 0;
const up = () =>
  submilli(...['stack', 'up', '--hosts', '--detach', '--yes', '--rate', '20', '--no-preview', '--state', state]);

const recorded = (): StackState & { network: NetworkRecord } => {
  const found = readState(layoutOf(state));
  const network = found?.network ?? undefined;
  if (found === undefined || network === undefined) throw new Error('no stack with hosts runs there');
  return { ...found, network };
};
const urlOf = (name: string, what: string): string => {
  const service = recorded().services.find((one) => one.name === name);
  return service?.endpoints.find((endpoint) => endpoint.what === what)?.url ?? '';
};
const status = (url: string): Promise<number> =>
  get(url, AbortSignal.timeout(2000), trusting(layoutOf(state))).then(
    (answer) => answer.status,
    () => 0,
  );
const isPrimary = (name: string): Promise<boolean> =>
  status(urlOf(name, 'Patroni').replace('/cluster', '/primary')).then((code) => code === 200);
const isSynchronous = (name: string): Promise<boolean> =>
  status(urlOf(name, 'Patroni').replace('/cluster', '/synchronous')).then((code) => code === 200);

describe(isRoot ? 'a stack on hosts' : 'a stack on hosts, not started by root', () => {
  if (!isRoot) {
    it('is refused with what it takes', () => {
      const { status: code, output } = up();
      expect(output).toMatch(/only root/);
      expect(code).toBe(1);
    });
    return;
  }

  beforeAll(() => {
    const { status: code, output } = up();
    if (code !== 0) throw new Error(`the stack did not start:\n${output}`);
  }, 400_000);
  afterAll(() => {
    submilli('stack', 'down', '--state', state);
  }, 120_000);

  it('has a server, its backups’ schedule and an etcd member on each of two, and the third etcd member on another', () => {
    const { services, network } = recorded();
    const on = (host: string): string[] =>
      services
        .filter((one) => one.host === host)
        .map(({ name }) => name)
        .sort();
    expect(network.hosts.map(({ name }) => on(name))).toEqual([
      ['backups-a', 'etcd1', 'pg1'],
      ['backups-b', 'etcd2', 'pg2'],
      ['etcd3'],
    ]);
    const own = new Set(processesOn(network, 'a'));
    for (const { name, host, process } of services)
      expect([name, own.has(process?.pid ?? 0)]).toEqual([name, host === 'a']);
  });

  it('keeps a server’s data on its host’s own disk, whose size is bounded', () => {
    const { services, network } = recorded();
    const dataDir = services.find(({ name }) => name === 'pg1')?.dataDir ?? '';
    expect(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8')).toMatch(/^\d+$/m);
    const [host] = network.hosts;
    const disk = statfsSync(pathOn(network, 'a', host?.disk?.mountPoint ?? ''));
    expect((disk.blocks * disk.bsize) / 1024 ** 2).toBeLessThanOrEqual(host?.disk?.megabytes ?? 0);
    expect(readdirSync(host?.disk?.mountPoint ?? '')).toEqual([]);
  });

  it('fails over when the primary’s host is cut off, and has it back as a standby', async () => {
    expect(await isPrimary('pg1')).toBe(true);
    await cutOff(recorded().network, 'a');
    try {
      expect(await status(urlOf('pg1', 'Patroni'))).toBe(0);
      expect(await until(60, () => isPrimary('pg2'), Boolean)).toBe(true);
    } finally {
      await rejoin(recorded().network, 'a');
    }
    expect(await until(90, () => isSynchronous('pg1'), Boolean)).toBe(true);
    expect(await isPrimary('pg2')).toBe(true);
  });

  it('leaves no process, no device and no disk behind when its supervisor is killed', async () => {
    const { supervisor, services, network } = recorded();
    process.kill(supervisor.pid, 'SIGKILL');
    endsWith(0, submilli('stack', 'down', '--state', state));
    const processes = [...services, ...network.hosts].map((one) => one.process).concat(network.switch);
    expect(processes.filter((one) => one !== null && isAlive(one))).toEqual([]);
    const gone = await until(
      10,
      () => Promise.resolve(!(network.device in networkInterfaces()) && !isLooped(network)),
      Boolean,
    );
    expect(gone).toBe(true);
  });

  it('comes up again with the data it had, as it was: on hosts', () => {
    const before = recordedSubnet();
    const { status: code, output } = submilli(
      ...['stack', 'up', '--detach', '--yes', '--no-workload', '--no-preview', '--state', state],
    );
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    expect(recorded().network.hosts[0]?.address.startsWith(before.replace(/0$/, ''))).toBe(true);
  });
});

const recordedSubnet = (): string =>
  (JSON.parse(readFileSync(layoutOf(state).created, 'utf8')) as { subnet: string }).subnet;

/** Whether the kernel still has one of the images as a block device. */
const isLooped = ({ hosts }: NetworkRecord): boolean =>
  readdirSync('/sys/block')
    .map((name) => `/sys/block/${name}/loop/backing_file`)
    .filter((file) => existsSync(file))
    .some((file) => hosts.some(({ disk }) => readFileSync(file, 'utf8').trim() === disk?.image));
