import { createServer, type Server } from 'node:http';
import {
  configSchema,
  type FailoverRecord,
  failoversAnswer,
  setupRoleStatements,
  type Target,
  topologyAnswer,
  type TopologyAnswer,
} from '@submilli/core';
import { haExporter } from '@submilli/ha';
import { collectorsFailing, PASSWORD, scrape, valueOf, watch } from '../../../exporters/core/test/watching';
import { type PatroniCluster, type PatroniMember, startPatroniCluster } from './patroni-cluster';
import { until } from './stack';

jest.setTimeout(180_000);

let cluster: PatroniCluster;
let target: Target | undefined;

const configFor = (more: object = {}) =>
  configSchema.parse({
    postgres: cluster.members.map(({ name, port }) => ({ name, port, password: PASSWORD, sslmode: 'disable' })),
    clusters: [
      {
        ...{ name: 'ha', postgres: ['pg1', 'pg2'], etcd: cluster.etcd },
        patroni: cluster.members.map(({ rest }) => `https://127.0.0.1:${rest}`),
        patroni_ca_file: cluster.tls.ca,
        patroni_cert_file: cluster.tls.cert,
        patroni_key_file: cluster.tls.key,
        ...more,
      },
    ],
  });

const watched = (): Target => {
  if (target === undefined) throw new Error('nothing is watched');
  return target;
};

const resource = (path: string): unknown =>
  haExporter.resources.find((one) => one.path === path)?.answer(watched().view() as never);
const topology = (): TopologyAnswer => topologyAnswer.parse(resource('topology'));
const records = (): readonly FailoverRecord[] => failoversAnswer.parse(resource('failovers')).failovers;
const scrapeUntil = (seconds: number, enough: (text: string) => boolean, of: Target = watched()): Promise<string> =>
  until(seconds, () => scrape(of), enough);

const member = (name: string | null | undefined): PatroniMember => {
  const found = cluster.members.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no member ${name ?? ''}\n${cluster.logs()}`);
  return found;
};
/** Waits until a failover now would go well, and says who leads and who follows. */
const whole = async (): Promise<{ leader: PatroniMember; standby: PatroniMember }> => {
  const text = await scrapeUntil(120, (seen) => valueOf(seen, 'db_ha_ready_ratio') === 1);
  const blocked = topology().readiness?.blocked;
  if (blocked?.length !== 0) throw new Error(`not whole: ${JSON.stringify(blocked)}\n${cluster.logs()}`);
  expect(valueOf(text, 'db_ha_ready_ratio')).toBe(1);
  const leader = member(topology().primary);
  return { leader, standby: member(cluster.members.find(({ name }) => name !== leader.name)?.name) };
};
/** What was recorded since `known`, once it is there and a leader with it. */
const next = async (known: number): Promise<FailoverRecord> => {
  await scrapeUntil(90, (text) => records().length > known && valueOf(text, 'db_ha_unwritable_seconds') === 0);
  const [record] = records().slice(known);
  if (record === undefined) throw new Error(`nothing was recorded\n${cluster.logs()}`);
  expect(records()).toHaveLength(known + 1);
  return record;
};

beforeAll(async () => {
  cluster = await startPatroniCluster();
  const answers = await until(
    120,
    () => Promise.all(cluster.members.map((one) => cluster.ask(one, '/patroni').then(({ text }) => text))),
    (all) => all.every((text) => text.includes('"state": "running"')),
  );
  if (answers instanceof Error) throw new Error(`the cluster did not start: ${answers.message}\n${cluster.logs()}`);
  const leader = cluster.members[answers.findIndex((text) => /"role": "(master|primary)"/.test(text))];
  await cluster.on(
    member(leader?.name),
    ...setupRoleStatements({ role: 'submilli' }),
    `ALTER ROLE submilli PASSWORD '${PASSWORD}'`,
  );
  target = watch(haExporter, configFor());
}, 300_000);
afterAll(async () => {
  await target?.close();
  await cluster.stop();
}, 60_000);

describe('a Patroni that speaks TLS and asks who we are', () => {
  it('is read with our certificate, and its timers are told as its version takes them', async () => {
    const { leader, standby } = await whole();
    const synchronous = `db_ha_member_role{member="${standby.name}",role="sync_standby"}`;
    const text = await scrapeUntil(
      30,
      (seen) => valueOf(seen, synchronous) === 1 && collectorsFailing(seen).length === 0,
    );
    expect(collectorsFailing(text)).toEqual([]);
    for (const { rest } of cluster.members) expect(valueOf(text, `db_ha_api_up{address="127.0.0.1:${rest}"}`)).toBe(1);
    expect(valueOf(text, `db_ha_member_role{member="${leader.name}",role="leader"}`)).toBe(1);
    expect(valueOf(text, synchronous)).toBe(1);
    expect(valueOf(text, 'db_ha_effective_ttl_seconds')).toBe(5);
    expect(valueOf(text, 'db_ha_predicted_recovery_seconds{fault="node-loss"}')).toBe(5.4);
    expect(valueOf(text, 'db_ha_etcd_members')).toBe(1);
    expect(topology().recovery.patroniVersion).toBe('3.0.2');
  });

  it('tells nothing to who shows none, which is said, while the servers are still watched', async () => {
    const nobody = watch(haExporter, configFor({ patroni_cert_file: undefined, patroni_key_file: undefined }));
    const text = await scrape(nobody);
    for (const { rest } of cluster.members) expect(valueOf(text, `db_ha_api_up{address="127.0.0.1:${rest}"}`)).toBe(0);
    expect(collectorsFailing(text)).toEqual(['cluster', 'history', 'config']);
    expect(valueOf(text, 'db_ha_primaries')).toBe(1);
    await nobody.close();
    const stranger = watch(haExporter, configFor({ patroni_ca_file: undefined }));
    await scrape(stranger);
    const run = stranger.view().runs.find(({ name }) => name === 'cluster')?.run;
    expect(run?.state === 'failed' ? run.problem.message : '').toMatch(/certificate/i);
    await stranger.close();
  });

  it('is read through a proxy that asks for a password, and only with it', async () => {
    const [proxy, url] = await passwordProxy(member('pg1'));
    const through = { patroni: [url], patroni_user: 'reader', patroni_password: 'let-me-in' };
    const reader = watch(haExporter, configFor(through));
    const text = await scrapeUntil(20, (seen) => valueOf(seen, 'db_ha_members') === 2, reader);
    expect(valueOf(text, 'db_ha_members')).toBe(2);
    await reader.close();
    const other = watch(haExporter, configFor({ ...through, patroni_password: 'guess' }));
    await scrape(other);
    const run = other.view().runs.find(({ name }) => name === 'cluster')?.run;
    const problem = run?.state === 'failed' ? run.problem : undefined;
    expect(problem).toMatchObject({ kind: 'authentication' });
    expect(problem?.message).not.toContain('guess');
    await other.close();
    proxy.close();
  });
});

describe('what happens to the cluster', () => {
  it('a switchover is one, planned, and has its time', async () => {
    const { leader, standby } = await whole();
    const known = records().length;
    await cluster.ask(leader, '/switchover', { leader: leader.name, candidate: standby.name });
    const record = await next(known);
    expect(record).toMatchObject({
      ...{ outcome: 'failover', cause: 'switchover', planned: true, sure: 'high' },
      ...{ from: leader.name, to: standby.name },
    });
    // Patroni notes it in its history a round later.
    await scrapeUntil(30, () => records()[known]?.reason !== null);
    expect(records()[known]?.reason).toBe('no recovery target specified');
    expect(record.low).toBeLessThanOrEqual(record.seconds ?? NaN);
    expect(record.high).toBeGreaterThanOrEqual(record.seconds ?? NaN);
  });

  it('a Patroni that hangs over a writable PostgreSQL ends in two primaries, which are seen, and in no gap', async () => {
    const { leader, standby } = await whole();
    const known = records().length;
    cluster.signalPatroni(leader, 'SIGSTOP');
    try {
      const text = await scrapeUntil(
        40,
        (seen) => valueOf(seen, 'db_ha_split_brain') === 1 && valueOf(seen, 'db_ha_primaries') === 2,
      );
      expect(valueOf(text, 'db_ha_split_brain')).toBe(1);
      expect(valueOf(text, 'db_ha_primaries')).toBe(2);
      expect(valueOf(text, 'db_ha_ready_ratio')).toBe(0);
      expect(topology()).toMatchObject({ primary: standby.name, splitBrain: true });
      expect(await next(known)).toMatchObject({
        ...{ cause: 'patroni-loss', sure: 'high', planned: false, seconds: 0, from: leader.name, to: standby.name },
      });
    } finally {
      cluster.signalPatroni(leader, 'SIGCONT');
    }
    const over = await scrapeUntil(60, (seen) => valueOf(seen, 'db_ha_split_brain') === 0);
    expect(valueOf(over, 'db_ha_split_brain_seconds_total')).toBeGreaterThan(0);
    expect(failoversAnswer.parse(resource('failovers')).splitBrains.at(-1)).toMatchObject({ members: ['pg1', 'pg2'] });
  });

  it('a node that is killed is down at once, whatever Patroni remembers, and its loss is timed', async () => {
    const { leader, standby } = await whole();
    const known = records().length;
    const before = Date.now();
    cluster.killNode(leader);
    const killed = Date.now();
    const down = await scrape(watched());
    expect(valueOf(down, `db_ha_member_up{member="${leader.name}"}`)).toBe(0);
    expect(valueOf(down, 'db_ha_readiness_blocked{reason="member-down"}')).toBe(1);
    expect(valueOf(down, 'db_ha_ready_ratio')).toBe(0);
    const promoted = until(
      60,
      () => cluster.ask(standby, '/patroni').then(({ text }) => text),
      (text) => /"role": "(master|primary)"/.test(text),
    ).then(() => Date.now());
    const record = await next(known);
    expect(record).toMatchObject({
      ...{ cause: 'node-loss', sure: 'high', planned: false, outcome: 'failover', from: leader.name, to: standby.name },
      evidence: ['PostgreSQL refused connections', 'Patroni refused connections'],
    });
    // What it says and what we saw ourselves must meet: `promoted` was asked for four times a second.
    const seen = ((await promoted) - before) / 1000;
    expect(record.low).toBeLessThanOrEqual(seen);
    expect(record.high).toBeGreaterThanOrEqual(seen - (killed - before) / 1000 - 1.5);
    const measured = 'db_ha_measured_recovery_seconds{fault="node-loss"}';
    const text = await scrapeUntil(20, (seen) => valueOf(seen, measured) !== undefined);
    expect(valueOf(text, measured)).toBe(record.seconds);
    expect(valueOf(text, 'db_ha_expected_members')).toBe(2);
    cluster.start(leader);
    await whole();
  });
});

/** A server in front of one member that lets nobody through without a password, as one in front of a network does. */
const passwordProxy = (behind: PatroniMember): Promise<readonly [Server, string]> =>
  new Promise((resolve) => {
    const expected = `Basic ${Buffer.from('reader:let-me-in').toString('base64')}`;
    const proxy = createServer((request, answer) => {
      if (request.headers.authorization !== expected) {
        answer.writeHead(401).end('who are you?');
        return;
      }
      void cluster.ask(behind, request.url ?? '/').then(({ status, text }) => answer.writeHead(status).end(text));
    });
    proxy.listen(0, '127.0.0.1', () => {
      const address = proxy.address();
      resolve([proxy, `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`]);
    });
  });
