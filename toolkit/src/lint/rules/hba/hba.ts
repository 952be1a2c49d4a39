import { example, type Hit, type Rule } from '../../rule';
import { accessesOf, covers, isEverywhere, isFromHere } from '../../view/access';
import type { HbaRecord } from '../../parse/hba';
import type { Scene } from '../../scene';

const METHODS: readonly string[] = [
  ...['trust', 'reject', 'scram-sha-256', 'md5', 'password', 'gss', 'sspi', 'ident', 'peer', 'ldap', 'radius', 'cert'],
  ...['pam', 'bsd', 'oauth'],
];

const inRecords =
  (check: (record: HbaRecord, before: readonly HbaRecord[]) => readonly Hit[]) =>
  (scene: Scene): Hit[] =>
    accessesOf(scene).flatMap(({ records }) => records.flatMap((record, i) => check(record, records.slice(0, i))));

const lets = ({ method }: HbaRecord): boolean => method.text !== 'reject';
const hba = (text: string) => example({ hba: `${text}\n` });

export const access: readonly Rule[] = [
  {
    id: 'hba-trust',
    title: 'Whoever reaches the server is whoever they say',
    ...{ severity: 'error', kinds: ['hba', 'patroni'], fixable: false },
    source: 'PostgreSQL, Client Authentication: trust',
    why: 'No password, no certificate: any role, the superuser included, for anybody on that address or machine.',
    fix: 'scram-sha-256; cert for replication; peer on the socket.',
    bad: hba('host all all 10.0.0.0/8 trust'),
    good: hba('hostssl all all 10.0.0.0/8 scram-sha-256'),
    check: inRecords((record) =>
      record.method.text === 'trust'
        ? [
            {
              at: record.method,
              says: `${record.users.map(({ text }) => text).join(',')} from ${record.address?.text ?? 'this machine'} without any proof`,
            },
          ]
        : [],
    ),
  },
  {
    id: 'hba-weak-method',
    title: 'The password, or what is as good, can be read',
    ...{ severity: 'warning', kinds: ['hba', 'patroni'], fixable: false },
    source: 'PostgreSQL, Client Authentication: Password Authentication; PostgreSQL 18 release notes',
    why: 'password sends it as it is. With md5, who has read the stored hash can log in with it. Where the stored password is SCRAM, a line with md5 asks for SCRAM as well, so changing the word costs nothing then.',
    fix: "scram-sha-256, after each password was set anew under password_encryption = 'scram-sha-256'.",
    bad: hba('hostssl app app 10.0.0.1/32 md5'),
    good: hba('hostssl app app 10.0.0.1/32 scram-sha-256'),
    check: inRecords(({ method }): Hit[] =>
      method.text === 'md5'
        ? [{ at: method, says: 'md5: who has read a stored hash can log in with it' }]
        : method.text === 'password'
          ? [{ at: method, severity: 'error', says: 'password: it is sent as it is' }]
          : [],
    ),
  },
  {
    id: 'hba-everywhere',
    title: 'Everybody may try',
    ...{ severity: 'warning', kinds: ['hba', 'patroni'], fixable: false },
    source: 'PostgreSQL, The pg_hba.conf File: address',
    why: 'The line is for any address there is. A firewall that is wrong for a minute makes it the only thing between the internet and the passwords.',
    fix: 'The networks, or machines, that connect.',
    bad: hba('hostssl all all 0.0.0.0/0 scram-sha-256'),
    good: hba('hostssl all all 10.1.0.0/16 scram-sha-256'),
    check: inRecords((record) => {
      if (!lets(record) || !isEverywhere(record) || record.address === undefined) return [];
      return [{ at: record.address, says: `${record.address.text} is every address there is` }];
    }),
  },
  {
    id: 'hba-without-tls',
    title: 'Connections over the network without TLS are let in',
    ...{ severity: 'warning', kinds: ['hba', 'patroni'], fixable: false },
    source: 'PostgreSQL, The pg_hba.conf File: host, hostssl',
    why: '"host" is for connections with TLS and without: what a client that does not ask for it sends can be read, and changed.',
    fix: 'hostssl, with ssl = on.',
    bad: hba('host app app 10.0.0.1/32 scram-sha-256'),
    good: hba('hostssl app app 10.0.0.1/32 scram-sha-256'),
    check: inRecords((record) => {
      const { type, address } = record;
      if (!['host', 'hostnossl', 'hostnogssenc'].includes(type.text) || !lets(record) || isFromHere(record)) return [];
      return [{ at: type, says: `${type.text} lets ${address?.text ?? ''} in without TLS` }];
    }),
  },
  {
    id: 'hba-replication-password',
    title: 'All data for one password',
    ...{ severity: 'info', kinds: ['hba', 'patroni'], fixable: false },
    source: 'PostgreSQL, Client Authentication: cert',
    why: 'A replication connection reads the whole server. A password for it stands in files on every member; a certificate’s key is on one machine, and can be told from the others.',
    fix: 'hostssl replication replicator 10.0.0.2/32 cert',
    bad: hba('hostssl replication replicator 10.0.0.2/32 scram-sha-256'),
    good: hba('hostssl replication replicator 10.0.0.2/32 cert'),
    check: inRecords((record) => {
      const isReplication = record.databases.some(({ text }) => text === 'replication');
      if (!isReplication || isFromHere(record) || ['cert', 'reject', 'gss'].includes(record.method.text)) return [];
      const certificate = record.options.some(({ name }) => name === 'clientcert');
      return certificate
        ? []
        : [
            {
              at: record.method,
              says: `replication from ${record.address?.text ?? ''} by ${record.method.text}, without a certificate`,
            },
          ];
    }),
  },
  {
    id: 'hba-unreachable',
    title: 'A line is never reached',
    ...{ severity: 'warning', kinds: ['hba', 'patroni'], fixable: false },
    source: 'PostgreSQL, The pg_hba.conf File: the first record that matches is used',
    why: 'The first line that fits decides, and there is no second try: what a later one demands, or rejects, is never asked.',
    fix: 'The narrow line first.',
    bad: hba('hostssl all all 10.0.0.0/8 scram-sha-256\nhostssl app app 10.0.0.1/32 reject'),
    good: hba('hostssl app app 10.0.0.1/32 reject\nhostssl all all 10.0.0.0/8 scram-sha-256'),
    check: inRecords((record, before) => {
      const first = before.find((one) => covers(one, record));
      return first === undefined
        ? []
        : [
            {
              at: record.place,
              says: 'whoever matches this line has matched an earlier one',
              see: [{ at: first.place, says: 'this one decides' }],
            },
          ];
    }),
  },
  {
    id: 'hba-unknown-method',
    title: 'PostgreSQL does not know the method, and refuses the file',
    ...{ severity: 'error', kinds: ['hba', 'patroni'], fixable: false },
    source: 'PostgreSQL, The pg_hba.conf File: auth-method',
    why: 'At a reload the whole file is not taken, and the old rules go on; at a start the server does not come up.',
    fix: 'scram-sha-256, cert, peer, …',
    bad: hba('hostssl app app 10.0.0.1/32 scram-sha256'),
    good: hba('hostssl app app 10.0.0.1/32 scram-sha-256'),
    check: inRecords(({ method }) =>
      METHODS.includes(method.text)
        ? []
        : [{ at: method, says: `"${method.text}" is no method: ${METHODS.join(', ')}` }],
    ),
  },
];
