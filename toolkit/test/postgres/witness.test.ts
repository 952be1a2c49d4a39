import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WitnessSettings } from '@submilli/core';
import { dcsOf, type Dcs, readTxn, votesOf } from '../../src/witness/dcs';
import { createEtcd, type Etcd } from '../../src/witness/etcd/client';
import type { TxnAnswer } from '../../src/witness/etcd/txn';
import { keysOf } from '../../src/witness/keys';
import { type Removal, removalTxn, retractTxn, voteTxn } from '../../src/witness/writes';
import { type Certificates, makeCertificates } from '../witness/certificates';
import { type EtcdCluster, startEtcd } from '../witness/etcd-cluster';

jest.setTimeout(90_000);

const keys = keysOf({ namespace: '/service/', scope: 'main', prefix: '/submilli/witness/' });
const witnesses = ['w1', 'w2', 'w3'];

const clientOf = (urls: readonly string[], change: Partial<WitnessSettings['etcd']> = {}): Etcd =>
  createEtcd({ urls: [...urls], timeout_ms: 5000, ...change });

const read = async (etcd: Etcd): Promise<Dcs> => dcsOf(keys, (await etcd.read(readTxn(keys))).found);

describe('witnesses on three real etcd members', () => {
  let cluster: EtcdCluster;
  let etcd: Etcd;

  beforeAll(async () => {
    cluster = await startEtcd();
    etcd = clientOf(cluster.urls);
  }, 120_000);
  afterAll(async () => {
    etcd.close();
    await cluster.stop();
  });

  beforeEach(() => {
    cluster.ctl('del', '--prefix', '/');
    cluster.ctl('put', keys.config, JSON.stringify({ synchronous_mode: true, loop_wait: 1 }));
    cluster.ctl('put', keys.sync, JSON.stringify({ leader: 'pg1', sync_standby: 'pg2' }));
    cluster.ctl('put', keys.leader, 'pg1');
    cluster.ctl('put', `${keys.members}pg1`, JSON.stringify({ conn_url: 'postgres://h1:5433/postgres', timeline: 3 }));
  });

  const vote = async (witness: string, seconds = 30): Promise<TxnAnswer> => {
    const { leader } = await read(etcd);
    const ballot = { leader: leader?.name ?? '', revision: leader?.revision ?? '', checks: 4 };
    const lease = await etcd.grantLease(seconds);
    return etcd.write(voteTxn(keys, ballot, { witness, witnesses, since: '', lease }));
  };

  const removalNow = async (): Promise<Removal> => {
    const { leader, config, sync, failover, votes } = await read(etcd);
    return {
      ...{ leader: leader?.name ?? '', revision: leader?.revision ?? '', config: config?.revision ?? '' },
      ...{ sync: sync?.revision ?? '', failover: failover?.revision ?? null },
      votes: votes.map(({ witness, own }) => ({ witness, own })),
    };
  };

  const remove = async (removal: Removal, witness = 'w1'): Promise<boolean> => {
    const lease = await etcd.grantLease(60);
    return (await etcd.write(removalTxn(keys, removal, { witness, lease }))).succeeded;
  };

  it('read all that Patroni keeps there at one moment', async () => {
    const { leader, sync, config, members, failover } = await read(etcd);
    expect(leader).toMatchObject({ name: 'pg1', lease: null });
    expect(sync).toMatchObject({ leader: 'pg1', standbys: ['pg2'] });
    expect(config).toMatchObject({ synchronous: 'on', paused: false, loopWait: 1 });
    expect(members.get('pg1')).toEqual({ postgres: { host: 'h1', port: 5433 }, patroni: null, timeline: 3 });
    expect(failover).toBeNull();
  });

  it('see each other’s votes with their own, and a vote that is given again has moved', async () => {
    await vote('w1');
    const first = votesOf(keys, (await vote('w2')).found);
    expect(first.map(({ witness, leader }) => [witness, leader])).toEqual([
      ['w1', 'pg1'],
      ['w2', 'pg1'],
    ]);
    const again = votesOf(keys, (await vote('w2')).found);
    expect(again[0]?.own).toBe(first[0]?.own);
    expect(again[1]?.own).not.toBe(first[1]?.own);
    await etcd.write(retractTxn(keys, 'w2'));
    expect((await read(etcd)).votes.map(({ witness }) => witness)).toEqual(['w1']);
  });

  it('can’t vote about a key that was written since, also by the same leader', async () => {
    const { leader } = await read(etcd);
    cluster.ctl('put', keys.leader, 'pg1');
    const lease = await etcd.grantLease(30);
    const ballot = { leader: 'pg1', revision: leader?.revision ?? '', checks: 4 };
    const by = { witness: 'w1', witnesses, since: '', lease };
    expect(await etcd.write(voteTxn(keys, ballot, by))).toEqual({ succeeded: false, found: [] });
    expect((await read(etcd)).votes).toEqual([]);
  });

  it('remove a key once, however many try at the same time, and write /sync anew as it was', async () => {
    for (const witness of witnesses) await vote(witness);
    const removal = await removalNow();
    const done = await Promise.all(witnesses.map((witness) => remove(removal, witness)));
    expect(done.filter(Boolean)).toHaveLength(1);
    const { leader, sync, removed } = await read(etcd);
    expect(leader).toBeNull();
    expect(sync).toMatchObject({ leader: 'pg1', standbys: ['pg2'] });
    expect(sync?.revision).not.toBe(removal.sync);
    expect(witnesses[done.indexOf(true)]).toBe(removed);
  });

  it.each<[string, () => void | Promise<void>]>([
    ['the leader wrote its key anew', () => void cluster.ctl('put', keys.leader, 'pg1')],
    ['another one leads', () => void cluster.ctl('put', keys.leader, 'pg2')],
    ['the key is gone', () => void cluster.ctl('del', keys.leader)],
    ['/config has changed', () => void cluster.ctl('put', keys.config, '{"pause":true,"synchronous_mode":true}')],
    ['/sync has changed', () => void cluster.ctl('put', keys.sync, '{"leader":"pg1","sync_standby":null}')],
    ['a switchover was requested', () => void cluster.ctl('put', keys.failover, '{"leader":"pg1"}')],
    ['a vote was taken back', () => etcd.write(retractTxn(keys, 'w2')).then(() => undefined)],
    ['a vote was given anew', () => vote('w2').then(() => undefined)],
    ['one was removed a short while ago', () => void cluster.ctl('put', keys.removed, 'w3')],
  ])('remove nothing when %s after the decision', async (_, change) => {
    for (const witness of ['w1', 'w2']) await vote(witness);
    const removal = await removalNow();
    await change();
    const before = (await read(etcd)).leader;
    expect(await remove(removal)).toBe(false);
    expect((await read(etcd)).leader).toEqual(before);
  });

  it('remove nothing on a vote whose lease has ended', async () => {
    await vote('w1');
    await vote('w2', 2);
    const removal = await removalNow();
    expect(removal.votes).toHaveLength(2);
    for (let i = 0; i < 40 && (await read(etcd)).votes.length === 2; i += 1) await sleep(250);
    expect((await read(etcd)).votes).toHaveLength(1);
    expect(await remove(removal)).toBe(false);
  });

  it('know how long a leader’s lease has not been renewed', async () => {
    const lease = await etcd.grantLease(20);
    expect(await etcd.leaseLeft(lease)).toMatchObject({ granted: 20 });
    await sleep(1200);
    expect((await etcd.leaseLeft(lease))?.remaining).toBeLessThanOrEqual(18);
    expect(await etcd.leaseLeft('4711')).toBeNull();
  });

  it('go on when a member of etcd is lost, with the next one', async () => {
    await cluster.kill(0);
    for (let i = 0; i < 40 && (await read(etcd).catch(() => undefined)) === undefined; i += 1) await sleep(250);
    expect((await read(etcd)).leader?.name).toBe('pg1');
    expect((await vote('w1')).succeeded).toBe(true);
  });
});

describe('an etcd that asks who is there', () => {
  let folder: string;
  let certificates: Certificates;
  let cluster: EtcdCluster;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'submilli-witness-'));
    certificates = makeCertificates(folder);
    cluster = await startEtcd(certificates);
    cluster.ctl('put', keys.leader, 'pg1');
  }, 120_000);
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const files = () => ({
    ...{ ca_file: certificates.ca, cert_file: certificates.client.cert, key_file: certificates.client.key },
  });

  it('lets in a witness with its certificate, and nobody without', async () => {
    const known = clientOf(cluster.urls, files());
    const [stranger, mistrustful] = [clientOf(cluster.urls, { ca_file: certificates.ca }), clientOf(cluster.urls)];
    expect((await read(known)).leader?.name).toBe('pg1');
    await expect(read(stranger)).rejects.toThrow(/etcd 127\.0\.0\.1/);
    await expect(read(mistrustful)).rejects.toThrow(/certificate/);
    for (const etcd of [known, stranger, mistrustful]) etcd.close();
  });

  it('uses renewed certificates at the next connection', async () => {
    const [cert, key] = [join(folder, 'renewed.pem'), join(folder, 'renewed.key')];
    const etcd = clientOf(cluster.urls, { ca_file: certificates.ca, cert_file: cert, key_file: key });
    await expect(read(etcd)).rejects.toThrow('cannot read cert_file');
    writeFileSync(cert, await readText(certificates.client.cert));
    writeFileSync(key, await readText(certificates.client.key));
    expect((await read(etcd)).leader?.name).toBe('pg1');
    etcd.close();
  });

  it('lets a witness do only what its role allows, and takes its password from a file', async () => {
    const password = join(folder, 'password');
    writeFileSync(password, 's3cret-enough\n');
    for (const args of [
      ['user', 'add', 'root:rootpw'],
      ['user', 'grant-role', 'root', 'root'],
      ['role', 'add', 'witness'],
      ['role', 'grant-permission', 'witness', 'read', '/service/main/', '--prefix'],
      ['role', 'grant-permission', 'witness', 'readwrite', '/service/main/leader'],
      ['role', 'grant-permission', 'witness', 'readwrite', '/service/main/sync'],
      ['role', 'grant-permission', 'witness', 'readwrite', '/submilli/witness/main/', '--prefix'],
      ['user', 'add', 'witness:s3cret-enough'],
      ['user', 'grant-role', 'witness', 'witness'],
      ['auth', 'enable'],
    ]) {
      cluster.ctl(...args);
    }
    const etcd = clientOf(cluster.urls, { ...files(), user: 'witness', password_file: password });
    const wrong = clientOf(cluster.urls, { ...files(), user: 'witness', password: 'wrong' });
    const nobody = clientOf(cluster.urls, files());
    try {
      const { leader } = await read(etcd);
      expect(leader?.name).toBe('pg1');
      await expect(read(wrong)).rejects.toThrow(/authentication failed/);
      await expect(read(wrong)).rejects.not.toThrow(/s3cret|wrong/);
      await expect(read(nobody)).rejects.toThrow(/user name is empty/);
      await expect(etcd.write({ compare: [], then: [{ op: 'remove', key: '/service/main/config' }] })).rejects.toThrow(
        'permission denied',
      );
      cluster.ctl('--user', 'root:rootpw', 'put', keys.sync, '{"leader":"pg1","sync_standby":"pg2"}');
      cluster.ctl('--user', 'root:rootpw', 'put', keys.config, '{"synchronous_mode":true}');
      const { sync, config } = await read(etcd);
      const removal = { leader: 'pg1', revision: leader?.revision ?? '', sync: sync?.revision ?? '' };
      const lease = await etcd.grantLease(60);
      const txn = removalTxn(
        keys,
        { ...removal, config: config?.revision ?? '', failover: null, votes: [] },
        { witness: 'w1', lease },
      );
      expect((await etcd.write(txn)).succeeded).toBe(true);
    } finally {
      for (const one of [etcd, wrong, nobody]) one.close();
      cluster.ctl('--user', 'root:rootpw', 'auth', 'disable');
    }
  });
});

const readText = async (path: string): Promise<string> => (await import('node:fs/promises')).readFile(path, 'utf8');
