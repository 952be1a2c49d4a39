import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, type ReferenceCluster } from '@submilli/core';
import { parse } from 'yaml';
import type { Parcel } from './bundle';
import { writeBundle } from './write-bundle';

const out = mkdtempSync(join(tmpdir(), 'submilli-bundle-'));
const member = { memory_mb: 16_384, cores: 8, disk_gb: 500 };
const { reference } = configSchema.parse({
  reference: {
    ...{ scope: 'orders', database: 'orders', application: 'shop' },
    versions: { postgresql: 15, patroni: '4.0.5' },
    members: [
      { name: 'pg1', address: '10.0.0.11', ...member },
      { name: 'pg2', address: '10.0.0.12', ...member },
    ],
    etcd: ['10.0.0.11', '10.0.0.12', '10.0.0.13'].map((address, i) => ({ name: `etcd${i + 1}`, address })),
    pools: [{ name: 'pool', address: '10.0.0.31' }],
    proxies: [{ name: 'proxy', address: '10.0.0.31' }],
    clients: ['10.0.0.40'],
    watchers: ['10.0.0.50'],
  },
});
const read = (path: string): string => readFileSync(join(out, path), 'utf8');
const filesBelow = (folder: string): string[] =>
  readdirSync(join(out, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(out, folder).length + 1))
    .sort();

beforeAll(() => writeBundle(reference as ReferenceCluster, out));
afterAll(() => rmSync(out, { recursive: true }));

describe('the files of a cluster', () => {
  it('are a folder for each machine’s part, with no more keys than that needs', () => {
    expect(filesBelow('pg1')).toEqual([
      ...['ca.crt', 'etcd-ca.crt', 'pg1-etcd.crt', 'pg1-etcd.key', 'pg1-patroni.crt', 'pg1-patroni.key'].map(inCerts),
      ...['pg1-pgbackrest.crt', 'pg1-pgbackrest.key', 'pg1-replicator.crt', 'pg1-replicator.key'].map(inCerts),
      ...['pg1.crt', 'pg1.key'].map(inCerts),
      ...['patroni.yml', 'sysctl.conf'],
    ]);
    expect(filesBelow('etcd3')).toEqual([...['etcd-ca.crt', 'etcd3.crt', 'etcd3.key'].map(inCerts), 'etcd.yml']);
    expect(filesBelow('proxy')).toEqual(['certs/ca.crt', 'haproxy.cfg']);
  });

  it('can be read by their owner alone', () => {
    const open = filesBelow('').filter((name) => !name.startsWith('certs/') && !name.endsWith('.crt'));
    expect(open.filter((name) => (statSync(join(out, name)).mode & 0o077) !== 0)).toEqual([]);
  });

  it('have the timers of their Patroni, and ask the etcd members on other machines', () => {
    const { bootstrap, etcd3 } = parse(read('pg1/patroni.yml')) as {
      bootstrap: { dcs: object };
      etcd3: { hosts: string };
    };
    expect(bootstrap.dcs).toMatchObject({ ttl: 20, loop_wait: 1, retry_timeout: 3, primary_start_timeout: 0 });
    expect(etcd3.hosts).toBe('10.0.0.13:2379,10.0.0.12:2379');
  });

  it('run a Patroni that can lose writes by what keeps it from that, and any other by itself', async () => {
    const startOf = (parcels: readonly Parcel[]) => parcels.find(({ name }) => name === 'pg1')?.run;
    const old = join(out, 'old');
    const versions = { postgresql: 15, patroni: '3.0.2' };
    const { parcels } = await writeBundle({ ...(reference as ReferenceCluster), versions }, old);
    expect(startOf(parcels)).toEqual(['python3 /etc/submilli/lossless.py /etc/submilli/patroni.yml']);
    expect(readFileSync(join(old, 'pg1', 'lossless.py'), 'utf8')).toContain('from patroni.__main__ import');
    rmSync(old, { recursive: true });
    expect(startOf((await writeBundle(reference as ReferenceCluster, out)).parcels)).toEqual([
      'patroni /etc/submilli/patroni.yml',
    ]);
  });

  it('let in who is named, from where they are, and the superuser from the machine itself', () => {
    const { postgresql } = parse(read('pg1/patroni.yml')) as { postgresql: { pg_hba: string[] } };
    expect(postgresql.pg_hba).toEqual([
      'hostssl replication replicator 10.0.0.11/32 cert',
      'hostssl replication replicator 10.0.0.12/32 cert',
      'hostssl postgres rewind 10.0.0.11/32 scram-sha-256',
      'hostssl postgres rewind 10.0.0.12/32 scram-sha-256',
      'hostssl postgres pgbackrest 10.0.0.11/32 cert',
      'hostssl all postgres 10.0.0.11/32 scram-sha-256',
      'hostssl orders shop 10.0.0.31/32 scram-sha-256',
      'hostssl orders shop 10.0.0.40/32 scram-sha-256',
      'hostssl orders submilli_canary 10.0.0.31/32 scram-sha-256',
      'hostssl all submilli 10.0.0.50/32 scram-sha-256',
      'hostssl orders submilli_canary 10.0.0.50/32 scram-sha-256',
    ]);
  });

  it('say why each setting is as it is, and texts that YAML would take for booleans are quoted', () => {
    const text = read('pg2/patroni.yml');
    expect(text).toMatch(/^ +max_connections: 100 # 1 pool\(s\) \* \(2 roles \* 32 \+ reserve 5\) \+ .*$/m);
    expect(text).toMatch(/^ +wal_sender_timeout: '5s' # \S/m);
    expect(text).not.toMatch(/: (on|off)( |$)/m);
    expect(read('pg1/sysctl.conf')).toContain('vm.nr_hugepages = 2253');
  });

  it('archive nothing where no backups are wanted', () => {
    expect(read('pg1/patroni.yml')).not.toContain('archive_');
  });

  it('keep backups in two places, by a program that is its machine’s own, and archive to them', async () => {
    const there = join(out, 'kept');
    const s3 = { endpoint: 's3.eu-central-1.amazonaws.com', bucket: 'orders-backups', region: 'eu-central-1' };
    const backup = {
      repositories: [{ path: '/backups' }, { path: '/orders', s3 }] as [
        { path: string },
        { path: string; s3: typeof s3 },
      ],
      ...{ retention_days: 14, directory: '/var/spool/pgbackrest' },
    };
    const settings = { postgresql: { archive_timeout: '1min' }, pgbouncer: {}, patroni: {} };
    const { parcels } = await writeBundle({ ...(reference as ReferenceCluster), backup, settings }, there);
    const own = (name: string): string => readFileSync(join(there, 'pg1', name), 'utf8');
    expect(parcels.find(({ name }) => name === 'pg1')?.run).toContain('systemctl enable --now pgbackrest-schedule');
    const { postgresql } = parse(own('patroni.yml')) as { postgresql: { parameters: Record<string, string> } };
    // In the one place that counts: what a member's file says is in place of what all share.
    expect(own('patroni.yml').match(/archive_timeout/g)).toHaveLength(1);
    expect(postgresql.parameters).toMatchObject({
      ...{ archive_mode: 'on', archive_timeout: '1min' },
      archive_command: 'pgbackrest "--config=/etc/submilli/pgbackrest.conf" --stanza=orders archive-push "%p"',
    });
    const config = own('pgbackrest.conf');
    expect(config).toContain('\nrepo1-path=/backups\n');
    expect(config).toContain('\nrepo2-s3-bucket=orders-backups\n');
    expect(config).toMatch(/^repo2-retention-full=14$/m);
    expect(new Set(config.match(/(?<=cipher-pass=).{20,}/g))).toHaveProperty('size', 2);
    expect(own('pgbackrest-schedule.service')).toContain('PGSSLKEY=/etc/submilli/certs/pg1-pgbackrest.key');
    for (const name of ['patroni.yml', 'pgbackrest.conf', 'pgbackrest-schedule.service']) {
      expect([name, own(name).includes('{{')]).toEqual([name, false]);
      expect([name, statSync(join(there, 'pg1', name)).mode & 0o077]).toEqual([name, 0]);
    }
    rmSync(there, { recursive: true });
  });

  it('hold nothing that is still to be filled', () => {
    for (const name of filesBelow('')) expect([name, read(name).includes('{{')]).toEqual([name, false]);
  });

  it('give the proxy both members, by name and certificate', () => {
    const config = read('proxy/haproxy.cfg');
    expect(config.match(/^ +server pg\d 10\.0\.0\.1\d:5432 check port 8008 verifyhost pg\d$/gm)).toHaveLength(4);
    const names = new X509Certificate(read('certs/pg1.crt')).subjectAltName;
    expect(names).toBe('IP Address:10.0.0.11, IP Address:10.0.0.31, DNS:pg1');
  });

  it('keep passwords and certificates when they are written again', async () => {
    const kept = [...filesBelow('secrets'), ...filesBelow('certs')];
    const before = filesBelow('').map(read);
    const { certificates } = await writeBundle(reference as ReferenceCluster, out);
    expect(certificates).toEqual([]);
    expect(kept.length).toBeGreaterThan(20);
    expect(filesBelow('').map(read)).toEqual(before);
  });
});

function inCerts(name: string): string {
  return `certs/${name}`;
}
