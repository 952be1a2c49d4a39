import { knownLosses } from '@submilli/core';
import { includeText } from '../stack/follow-primary';
import type { SecretName } from '../stack/secrets';
import { readReference, renderReference } from '../stack/template';
import { planCertificates, type CertificatePlan } from './certificates';
import { etcdYml, haproxyCfg, patroniYml, patronictlYml, pgbackrestConf, pgbouncerIni } from './files';
import { hugePages } from './sizing';
import type { ClusterSpec } from './spec';
import { restUrl, type Member, type Pool } from './topology';

/** What one machine is given: a folder that becomes its configuration folder. */
export type Parcel = {
  readonly name: string;
  readonly address: string;
  readonly files: Readonly<Record<string, string>>;
  /** By name: with their keys. Authorities come without. */
  readonly certificates: readonly string[];
  readonly authorities: readonly string[];
  /** Passwords it needs as files. */
  readonly secrets: readonly SecretName[];
  /** How what is in it is started. */
  readonly run: readonly string[];
};

export type BundleTexts = {
  /** The folder on each machine. */
  readonly configuration: string;
  readonly userlist: string;
  readonly roles: string;
};

/** Everything for every machine of a cluster. */
export const bundleOf = (spec: ClusterSpec, texts: BundleTexts): Parcel[] => {
  const { members, etcd, pools, proxies } = spec.topology;
  const own = (prefix: string): string[] =>
    planCertificates(spec.topology)
      .filter(({ name }: CertificatePlan) => name === prefix || name.startsWith(`${prefix}-`))
      .map(({ name }) => name);
  const there = texts.configuration;
  const lossy = knownLosses(spec.versions.patroni).length > 0;
  return [
    ...members.map((member): Parcel => ({
      ...{ name: member.name, address: member.address },
      files: {
        'patroni.yml': patroniYml(spec, member),
        ...(lossy ? { 'lossless.py': readReference('patroni/lossless.py') } : {}),
        'sysctl.conf': renderReference('postgresql/sysctl.conf', { huge_pages: hugePages(spec.machine) }),
        ...backupFiles(spec, member),
      },
      ...{ certificates: own(member.name), authorities: ['ca', 'etcd-ca'], secrets: [] },
      run: [
        `${lossy ? `python3 ${there}/lossless.py` : 'patroni'} ${there}/patroni.yml`,
        ...(spec.backup === undefined ? [] : ['systemctl enable --now pgbackrest-schedule']),
      ],
    })),
    ...etcd.map((member): Parcel => ({
      ...{ name: member.name, address: member.address },
      files: { 'etcd.yml': etcdYml(spec, member) },
      ...{ certificates: own(member.name), authorities: ['etcd-ca'], secrets: [] },
      run: [`etcd --config-file ${there}/etcd.yml`],
    })),
    ...pools.map((pool): Parcel => ({
      ...{ name: pool.name, address: pool.address },
      files: poolFiles(spec, pool, texts),
      ...{ certificates: own(pool.name), authorities: ['ca'], secrets: ['pgbouncer'] },
      run: [`pgbouncer ${spec.places.poolDir(pool)}/pgbouncer.ini`, 'systemctl enable --now follow-primary'],
    })),
    ...proxies.map((proxy): Parcel => ({
      ...{ name: proxy.name, address: proxy.address },
      files: { 'haproxy.cfg': haproxyCfg(spec, proxy) },
      ...{ certificates: [], authorities: ['ca'], secrets: [] },
      run: [`haproxy -f ${there}/haproxy.cfg`],
    })),
    {
      ...{ name: 'operator', address: 'where people operate it from' },
      files: { 'patronictl.yml': patronictlYml(spec), 'roles.sql': texts.roles },
      ...{ certificates: own('operator'), authorities: ['ca', 'etcd-ca'], secrets: [] },
      run: [`patronictl -c ${there}/patronictl.yml list`],
    },
  ];
};

const backupFiles = (spec: ClusterSpec, member: Member): Record<string, string> => {
  const { backup, places } = spec;
  if (backup === undefined) return {};
  return {
    'pgbackrest.conf': pgbackrestConf(spec, backup, member),
    'pgbackrest-schedule.service': renderReference('pgbackrest/pgbackrest-schedule.service', {
      ...{ stanza: backup.stanza, config: backup.config(member), rest_url: restUrl(member), certs: places.certs },
      ...{ name: member.name, address: member.address },
    }),
  };
};

const poolFiles = (spec: ClusterSpec, pool: Pool, { configuration, userlist }: BundleTexts): Record<string, string> => {
  const { members } = spec.topology;
  const [first] = members;
  const at = { host: first?.address ?? '', port: first?.port ?? 0, timeline: 0 };
  const dir = spec.places.poolDir(pool);
  return {
    [`${pool.name}/pgbouncer.ini`]: pgbouncerIni(spec, pool),
    [`${pool.name}/userlist.txt`]: userlist,
    [`${pool.name}/primary.ini`]: includeText(at, spec.database),
    'follow-primary.service': renderReference('pgbouncer/follow-primary.service', {
      ...{ dir, configuration, certs: spec.places.certs, address: pool.address, port: pool.port },
      database: spec.database,
      members: members.map(memberOption).join(' \\\n  '),
    }),
  };
};

const memberOption = (member: Member): string => `--member ${restUrl(member)},${member.address}:${member.port}`;

/** What to do with it. */
export const readmeOf = (spec: ClusterSpec, parcels: readonly Parcel[], configuration: string): string =>
  [
    `# The cluster ${spec.scope}`,
    '',
    'Each folder is for one machine: copy what is in it to the folder named below, keys for the user postgres alone',
    `(\`chown -R postgres: ${configuration}\`). Secrets and the keys of the authorities stay here: keep this folder where`,
    'nobody but you can read it. Rendering again leaves them as they are, and renews certificates that end within 30 days.',
    '',
    '| folder | machine | goes to | is started, as postgres, by |',
    '| --- | --- | --- | --- |',
    ...parcels.map(
      ({ name, address, run }) =>
        `| ${name}/ | ${address} | ${configuration}/ | ${run.map((r) => `\`${r}\``).join(', ')} |`,
    ),
    '',
    'First etcd, then the members; the first of them makes the cluster. Then the roles, on the primary:',
    `\`psql "host=${spec.topology.members[0]?.address ?? ''} user=postgres sslmode=verify-full sslrootcert=${spec.places.certs}/ca.crt" -f roles.sql\`,`,
    'the password is in secrets/superuser. Then pools and proxies.',
    '',
    'Restart Patroni once on each member when the member is there, standbys first. The connection over which it watches etcd',
    'was opened before it knew its timers, and would notice only after 30 s that etcd is out of reach.',
    '',
  ].join('\n');
