import { isIP } from 'node:net';
import type { Topology } from './topology';

/** Who vouches. etcd has its own: who may write there decides who is primary, and that shall be few. */
export type Authority = 'ca' | 'etcd-ca';
export const authorities = {
  ca: 'Submilli reference cluster',
  'etcd-ca': 'Submilli reference cluster, etcd',
} as const satisfies Record<Authority, string>;

/** What a certificate may be used for: to be connected to, or to connect. */
export type Usage = 'server' | 'client';

export type CertificatePlan = {
  /** Of its files: NAME.crt and NAME.key. */
  readonly name: string;
  readonly authority: Authority;
  /** For a client of PostgreSQL, the role it may log in as. */
  readonly commonName: string;
  /** Names and addresses it is valid for, sorted. */
  readonly names: readonly string[];
  readonly usages: readonly Usage[];
};

const server = (name: string, addresses: readonly string[]): CertificatePlan => ({
  ...{ name, authority: 'ca', commonName: name, usages: ['server'] },
  names: namesFor(name, addresses),
});

const client = (name: string, commonName: string, authority: Authority = 'ca'): CertificatePlan => ({
  ...{ name, authority, commonName, names: [], usages: ['client'] },
});

/** Patroni speaks to a server that listens on 127.0.0.1 as localhost. */
const namesFor = (name: string, addresses: readonly string[]): string[] =>
  [...new Set([name, ...addresses, ...(addresses.includes('127.0.0.1') ? ['localhost'] : [])])].sort();

/** Every certificate of the cluster. Each key is on one machine only, so that one that is lost is one to replace. */
export const planCertificates = ({ members, etcd, pools, proxies }: Topology): CertificatePlan[] => [
  ...members.flatMap(({ name, address }) => [
    // PostgreSQL and Patroni's REST API, which run as the same user of the same machine.
    server(name, [address, ...proxies.map((proxy) => proxy.address)]),
    client(`${name}-replicator`, 'replicator'),
    client(`${name}-pgbackrest`, 'pgbackrest'),
    client(`${name}-patroni`, 'patroni'),
    client(`${name}-etcd`, name, 'etcd-ca'),
  ]),
  ...etcd.map(({ name, address }): CertificatePlan => ({
    // A member is connected to by the others and connects to them.
    ...{ name, authority: 'etcd-ca', commonName: name, usages: ['server', 'client'] },
    names: namesFor(name, [address]),
  })),
  ...pools.filter(({ certificate }) => certificate === undefined).map(({ name, address }) => server(name, [address])),
  // For people and programs that operate the cluster: patronictl, etcdctl, the witness.
  client('operator', 'operator'),
  client('operator-etcd', 'operator', 'etcd-ca'),
];

/** The extensions of a certificate, as `openssl req -addext` takes them. */
export const extensionsOf = ({ names, usages }: CertificatePlan): string[] => [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  `extendedKeyUsage=${usages.map((usage) => `${usage}Auth`).join(',')}`,
  ...(names.length === 0 ? [] : [`subjectAltName=${names.map(alternativeName).join(',')}`]),
];

export const authorityExtensions: readonly string[] = [
  'basicConstraints=critical,CA:TRUE,pathlen:0',
  'keyUsage=critical,keyCertSign,cRLSign',
];

const alternativeName = (name: string): string => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`;

/** What a certificate that is there says of itself. */
export type Found = {
  readonly commonName: string;
  readonly names: readonly string[];
  readonly validTo: number;
  /** Signed by the authority that is there now. */
  readonly isOurs: boolean;
};

const DAY_MS = 86_400_000;
export const RENEW_DAYS = 30;
/** As long as browsers and their authorities allow: nobody gets used to certificates that never end. */
export const CERTIFICATE_DAYS = 397;
export const AUTHORITY_DAYS = 3650;

/** Why a certificate has to be made; undefined while the one that is there will do. */
export const whyMake = (plan: CertificatePlan, found: Found | undefined, now: number): string | undefined => {
  if (found === undefined) return 'there is none';
  if (!found.isOurs) return 'another authority signed it';
  if (found.validTo - now < RENEW_DAYS * DAY_MS) return `it ends within ${RENEW_DAYS} days`;
  if (found.commonName !== plan.commonName) return `it is for ${found.commonName}`;
  return found.names.toSorted().join() === plan.names.join() ? undefined : 'it is for other names';
};

/** An authority that ends before a certificate it signs today would is replaced, and all it has signed with it. */
export const isAuthorityDue = (validTo: number | undefined, now: number): boolean =>
  validTo === undefined || validTo - now < (CERTIFICATE_DAYS + RENEW_DAYS) * DAY_MS;
