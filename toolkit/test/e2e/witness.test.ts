import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { get, trusting } from '../../src/stack/http';
import { layoutOf, submilliBin } from '../../src/stack/layout';
import { patroniOf, serverOf, signal } from '../witness/members';
import { type WitnessProcess, witnessProcesses } from '../witness/processes';
import { missingOn, startWriters, TABLE, type Writers } from '../witness/writers';
import { type Member, memberBy, onMember, stateDirectory, submilli, until } from './stack';

jest.setTimeout(240_000);

const state = stateDirectory();
let witnesses: WitnessProcess[] = [];

const layout = layoutOf(state);
/** What operates the cluster has a certificate for etcd; for reading from Patroni the authority is enough. */
const etcd = {
  urls: ['https://127.0.0.1:2379', 'https://127.0.0.1:2389', 'https://127.0.0.1:2399'],
  ...{ ca_file: layout.certOf('etcd-ca'), cert_file: layout.certOf('operator-etcd') },
  key_file: layout.keyOf('operator-etcd'),
};

const etcdctl = (...args: string[]): string => {
  const files = ['--cacert', etcd.ca_file, '--cert', etcd.cert_file, '--key', etcd.key_file];
  return execFileSync('etcdctl', ['--endpoints', etcd.urls.join(), ...files, ...args], {
    env: { ...process.env, ETCDCTL_API: '3' },
    encoding: 'utf8',
  }).trim();
};

const KEY = '/submilli/grandmodel/leader';
const leaderKey = (): string => etcdctl('get', '--print-value-only', KEY);

/** What the leader key's lease was granted for; 0 while there is none. */
const leaseSeconds = (): number => {
  // Not by JSON.parse: the id is longer than a number is exact.
  const id = /"lease":(\d+)/.exec(etcdctl('get', KEY, '-w', 'json'))?.[1];
  if (id === undefined) return 0;
  return Number(/granted with TTL\((\d+)s\)/.exec(etcdctl('lease', 'timetolive', BigInt(id).toString(16)))?.[1] ?? 0);
};

const patronictl = (...args: string[]): string =>
  execFileSync('patronictl', ['-c', join(state, 'patroni', 'patronictl.yml'), ...args], { encoding: 'utf8' });

const answers = async ({ name }: Member): Promise<boolean> => {
  const url = `https://127.0.0.1:${name === 'pg1' ? 8008 : 8009}/liveness`;
  return (await get(url, AbortSignal.timeout(2000), trusting(layout))).status > 0;
};

const everythingOf = (member: Member): number[] => [...patroniOf(state, member.name), ...serverOf(state, member.name)];

const removals = async (): Promise<number> => {
  const all = await Promise.all(witnesses.map((witness) => witness.status().catch(() => undefined)));
  return all.reduce((sum, status) => sum + (status?.removals ?? 0), 0);
};

/** A leader, a synchronous standby, and three witnesses that would act now. */
const whole = async (): Promise<{ leader: Member; standby: Member }> => {
  const ready = await until(
    120,
    () => Promise.all(witnesses.map((witness) => witness.ready())),
    (all) => all.every((answer) => answer === 'ready'),
  );
  expect(ready).toEqual(['ready', 'ready', 'ready']);
  return { leader: await memberBy(true), standby: await memberBy(false) };
};

const start = (member: Member): void => {
  const { status, output } = submilli('stack', 'start', member.name, '--state', state);
  expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
};

const untilLed = (by: Member, seconds = 15): Promise<string> =>
  until(
    seconds,
    () => Promise.resolve(leaderKey()),
    (name) => name === by.name,
  );

/** While `work` does what it does, clients write to both members: nothing they were told is committed may be lost. */
const lossless = async (work: (writers: Writers) => Promise<void>): Promise<void> => {
  const password = readFileSync(join(state, 'secrets', 'superuser'), 'utf8').trim();
  const login = { user: 'postgres', password, database: 'grandmodel' };
  const writers = startWriters([5432, 5433], login, layout.certOf('ca'), `run${Date.now()}`);
  try {
    await until(
      30,
      () => Promise.resolve(writers.acknowledged.length),
      (written) => written > 50,
    );
    await work(writers);
    await whole();
    const before = writers.acknowledged.length;
    const more = await until(
      30,
      () => Promise.resolve(writers.acknowledged.length),
      (written) => written > before + 50,
    );
    expect(more).toBeGreaterThan(before);
  } finally {
    await writers.stop();
  }
  const { leader, standby } = await whole();
  for (const { port } of [leader, standby]) {
    expect(await onMember(state, port, (client) => missingOn(client, writers))).toEqual([]);
  }
  expect(changesOfSide(writers)).toBeLessThanOrEqual(2);
};

/** How often the acknowledged writes change from one member to the other: with two at once they would alternate. */
const changesOfSide = ({ acknowledged }: Writers): number =>
  acknowledged.filter(({ port }, i) => i > 0 && acknowledged[i - 1]?.port !== port).length;

beforeAll(async () => {
  const up = submilli('stack', 'up', '--detach', '--yes', '--no-workload', '--no-preview', '--state', state);
  if (up.status !== 0) throw new Error(`the stack did not start:\n${up.output}`);
  // The ttl that witnesses are for: with a short one the key would end by itself, and whose doing it was be a guess.
  patronictl('edit-config', '--force', '--set', 'ttl=20', 'grandmodel');
  const granted = await until(
    60,
    () => Promise.resolve(leaseSeconds()),
    (seconds) => seconds === 20,
  );
  if (granted !== 20) throw new Error(`the leader's lease is of ${granted} s`);
  await onMember(state, (await memberBy(true)).port, (client) => client.query(TABLE));
  const folder = join(state, 'witnesses');
  mkdirSync(folder);
  const patroni = { ca_file: layout.certOf('ca') };
  const settings = { scope: 'grandmodel', namespace: '/submilli/', etcd, patroni, cooldown_seconds: 10 };
  witnesses = witnessProcesses(folder, settings);
  for (const witness of witnesses) witness.start();
}, 400_000);
afterAll(async () => {
  await Promise.all(witnesses.map((witness) => witness.kill()));
  submilli('stack', 'down', '--state', state);
}, 120_000);

describe('three witnesses of the running stack', () => {
  it('say what they see with --once, and that they would act', async () => {
    await whole();
    const { status, output } = submilli('witness', '--once', '--config', join(state, 'witnesses', 'w1.yml'));
    expect(JSON.parse(output)).toMatchObject({ sees: 'calm', objections: [], removals: 0 });
    expect(status).toBe(0);
  });

  it('have a standby promoted when Patroni and PostgreSQL of the leader are killed, and lose nothing', async () => {
    const { leader, standby } = await whole();
    const before = await removals();
    await lossless(async () => {
      signal(everythingOf(leader), 'SIGKILL');
      expect(await untilLed(standby)).toBe(standby.name);
      expect(await removals()).toBe(before + 1);
      start(leader);
    });
    expect(
      witnesses.filter((witness) => witness.log().includes(`removed the leader key of ${leader.name}`)),
    ).toHaveLength(1);
  });

  it.each([
    ['as soon as its key is gone', 0],
    ['while its standby takes over', 1500],
    ['when it has been replaced', 6000],
  ])('lose nothing when a leader that hangs goes on %s', async (_, delayMs) => {
    const { leader } = await whole();
    const before = await removals();
    await lossless(async () => {
      // Twice: what the postmaster started while it was being found out.
      for (let i = 0; i < 2; i += 1) signal(everythingOf(leader), 'SIGSTOP');
      try {
        const removed = await until(15, removals, (count) => count > before);
        expect(removed).toBe(before + 1);
        await sleep(delayMs);
      } finally {
        signal(everythingOf(leader), 'SIGCONT');
      }
    });
  });

  it('leave a leader alone whose Patroni alone is dead, or whose PostgreSQL alone: that is Patroni’s to heal', async () => {
    const { leader } = await whole();
    const before = await removals();
    signal(patroniOf(state, leader.name), 'SIGKILL');
    await sleep(4000);
    expect(leaderKey()).toBe(leader.name);
    start(leader);
    await whole();
    await lossless(async () => {
      signal(serverOf(state, leader.name), 'SIGKILL');
      await sleep(4000);
      await whole();
    });
    expect(await removals()).toBe(before);
  });

  it('hold back, and say why, when no synchronous standby is left', async () => {
    const { leader, standby } = await whole();
    const before = await removals();
    signal([...everythingOf(standby), ...everythingOf(leader)], 'SIGKILL');
    await sleep(4000);
    expect(leaderKey()).toBe(leader.name);
    expect(await witnesses[0]?.ready()).toContain(standby.name);
    for (const member of [leader, standby]) {
      submilli('stack', 'start', member.name, '--state', state);
    }
    await whole();
    expect(await removals()).toBe(before);
  });

  it('hold back while the cluster is paused', async () => {
    const { leader } = await whole();
    const before = await removals();
    let starting: Promise<unknown> | undefined;
    patronictl('pause', '--wait', 'grandmodel');
    try {
      signal(everythingOf(leader), 'SIGKILL');
      await sleep(4000);
      expect(leaderKey()).toBe(leader.name);
      expect(await witnesses[1]?.ready()).toContain('the cluster is paused');
      // Patroni first, as a paused one leaves PostgreSQL down: without it the leader would be dead and nothing paused.
      starting = promisify(execFile)(process.execPath, [submilliBin, 'stack', 'start', leader.name, '--state', state]);
      expect(await until(60, () => answers(leader), Boolean)).toBe(true);
    } finally {
      patronictl('resume', '--wait', 'grandmodel');
    }
    await starting;
    await whole();
    expect(await removals()).toBe(before);
  });

  it('do nothing as a minority, and act as soon as there is a majority again', async () => {
    const { leader, standby } = await whole();
    const [first, second, third] = witnesses as [WitnessProcess, WitnessProcess, WitnessProcess];
    await Promise.all([second.kill(), third.kill()]);
    await lossless(async () => {
      signal(everythingOf(leader), 'SIGKILL');
      await sleep(4000);
      expect(leaderKey()).toBe(leader.name);
      expect(first.log()).toContain(`votes that ${leader.name} is dead: 1 of the 2 votes needed`);
      second.start();
      third.start();
      expect(await untilLed(standby)).toBe(standby.name);
      start(leader);
    });
  });

  it('throw away what they saw before they were stopped', async () => {
    const { leader } = await whole();
    const before = await removals();
    const frozen = witnesses.map((witness) => witness.pid());
    signal(everythingOf(leader), 'SIGKILL');
    await sleep(600); // two or three looks: less than a vote takes
    signal(frozen, 'SIGSTOP');
    submilli('stack', 'start', leader.name, '--state', state);
    signal(frozen, 'SIGCONT');
    await whole();
    expect(await removals()).toBe(before);
    expect(witnesses.every((witness) => witness.log().includes('stood still'))).toBe(true);
  });
});
