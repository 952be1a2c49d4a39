import {
  type CertificatePlan,
  extensionsOf,
  type Found,
  isAuthorityDue,
  planCertificates,
  whyMake,
} from './certificates';
import type { Topology } from './topology';

const DAY_MS = 86_400_000;
const now = Date.parse('2030-01-01T00:00:00Z');

const topology: Topology = {
  members: [
    { name: 'pg1', title: 'first', address: '10.0.0.11', port: 5432, restPort: 8008 },
    { name: 'pg2', title: 'second', address: '127.0.0.1', port: 5433, restPort: 8009 },
  ],
  etcd: [{ name: 'etcd1', address: '10.0.0.13', clientPort: 2379, peerPort: 2380, metricsPort: 2381 }],
  pools: [{ name: 'pgbouncer', address: 'pool.example', port: 6432 }],
  proxies: [{ name: 'haproxy', address: '10.0.0.20', port: 5000, replicaPort: 5001 }],
  ...{ clients: [], watchers: [], operators: [] },
};
const plans = planCertificates(topology);
const planOf = (wanted: string): CertificatePlan => {
  const plan = plans.find(({ name }) => name === wanted);
  if (plan === undefined) throw new Error(`no certificate ${wanted}`);
  return plan;
};

describe('the certificates of a cluster', () => {
  it('are for a server’s name, its address and that of the proxy in front of it; on loopback for localhost, too', () => {
    expect(planOf('pg1').names).toEqual(['10.0.0.11', '10.0.0.20', 'pg1']);
    expect(planOf('pg2').names).toEqual(['10.0.0.20', '127.0.0.1', 'localhost', 'pg2']);
    expect(extensionsOf(planOf('pg1'))).toContain('subjectAltName=IP:10.0.0.11,IP:10.0.0.20,DNS:pg1');
    expect(planOf('pgbouncer').names).toEqual(['pgbouncer', 'pool.example']);
  });

  it.each(['replicator', 'pgbackrest'])('let each member be %s with a key of its own', (role) => {
    const found = plans.filter(({ commonName }) => commonName === role);
    expect(found.map(({ name, usages }) => [name, usages])).toEqual([
      [`pg1-${role}`, ['client']],
      [`pg2-${role}`, ['client']],
    ]);
  });

  it('come from an authority of its own for etcd, and only members and operators have one of those', () => {
    const forEtcd = plans.filter(({ authority }) => authority === 'etcd-ca').map(({ name }) => name);
    expect(forEtcd).toEqual(['pg1-etcd', 'pg2-etcd', 'etcd1', 'operator-etcd']);
  });

  it('have each a name of their own, and a server can’t be a client nor the other way round, but in etcd', () => {
    expect(new Set(plans.map(({ name }) => name)).size).toBe(plans.length);
    expect(plans.filter(({ usages }) => usages.length > 1).map(({ name }) => name)).toEqual(['etcd1']);
  });
});

describe('a certificate', () => {
  const plan = planOf('pg1');
  const found: Found = {
    commonName: 'pg1',
    names: ['pg1', '10.0.0.20', '10.0.0.11'],
    validTo: now + 300 * DAY_MS,
    isOurs: true,
  };

  it('stays while it is for the same names and lasts', () => {
    expect(whyMake(plan, found, now)).toBeUndefined();
  });

  it.each([
    ['is missing', undefined, 'there is none'],
    ['ends in four weeks', { ...found, validTo: now + 28 * DAY_MS }, 'it ends within 30 days'],
    ['is for other names', { ...found, names: ['pg1'] }, 'it is for other names'],
    ['is for another role', { ...found, commonName: 'pg2' }, 'it is for pg2'],
    ['was signed by another authority', { ...found, isOurs: false }, 'another authority signed it'],
  ])('is made when it %s', (_, there, why) => {
    expect(whyMake(plan, there, now)).toBe(why);
  });

  it('outlives no authority', () => {
    expect(isAuthorityDue(now + 500 * DAY_MS, now)).toBe(false);
    expect(isAuthorityDue(now + 400 * DAY_MS, now)).toBe(true);
    expect(isAuthorityDue(undefined, now)).toBe(true);
  });
});
