import { shortestTimers } from '@submilli/core';
import { isMap, parseDocument, stringify } from 'yaml';
import { readReference, render, renderReference } from '../stack/template';
import { hbaOf } from './hba';
import { replacedInIni } from './own-settings';
import { archiveYaml, settingsYaml } from './settings';
import { poolSize, RESERVE } from './sizing';
import { type BackupSpec, sessionsOf, type ClusterSpec, type RepositoryPlace } from './spec';
import {
  etcdFor,
  etcdMetricsUrl,
  etcdPeerUrl,
  etcdUrl,
  type EtcdMember,
  type Member,
  type Pool,
  type Proxy,
} from './topology';

const hostsText = (etcd: readonly EtcdMember[]): string =>
  etcd.map(({ address, clientPort }) => `${address}:${clientPort}`).join(',');

/** Patroni's configuration of one member, with the server's settings and rules in it, and the reason beside each. */
export const patroniYml = (spec: ClusterSpec, member: Member): string => {
  const { places, topology, versions, password } = spec;
  const text = renderReference('patroni/patroni.yml', {
    ...{ scope: spec.scope, name: member.name, certs: places.certs, bin_dir: places.binDir },
    ...{ address: member.address, port: member.port, rest_port: member.restPort },
    ...{ data_dir: places.dataDir(member), log_dir: places.logDir(member), pgpass: places.pgpass(member) },
    etcd_hosts: hostsText(etcdFor(topology, member)),
    ...shortestTimers(versions.patroni),
    ...{ superuser_password: password('superuser'), rewind_password: password('rewind') },
    patroni_password: password('patroni'),
  });
  const document = parseDocument(text);
  for (const [key, value] of Object.entries(spec.settings?.patroni ?? {})) {
    if (value === null) document.deleteIn(['bootstrap', 'dcs', key]);
    else document.setIn(['bootstrap', 'dcs', key], value);
  }
  document.setIn(['bootstrap', 'dcs', 'postgresql', 'parameters'], settingsYaml(spec));
  document.setIn(['postgresql', 'pg_hba'], document.createNode(hbaOf(spec, member)));
  if (spec.backup !== undefined) {
    const [own, more] = [document.getIn(['postgresql', 'parameters']), archiveYaml(spec, spec.backup, member)];
    if (isMap(own) && isMap(more)) own.items.push(...more.items);
  }
  if (spec.onRoleChange !== undefined) {
    document.setIn(['postgresql', 'callbacks'], document.createNode({ on_role_change: spec.onRoleChange(member) }));
  }
  return stringify(document, { lineWidth: 0 });
};

/** pgBackRest's configuration of one member. */
export const pgbackrestConf = ({ places, password }: ClusterSpec, backup: BackupSpec, member: Member): string =>
  renderReference('pgbackrest/pgbackrest.conf', {
    ...{ stanza: backup.stanza, data_dir: places.dataDir(member), port: member.port, dir: backup.dir(member) },
    ...{ retention_by: backup.retention.by, retention: backup.retention.full },
    queue_max: `${backup.queueMegabytes}MiB`,
    ...{ repo1: repositoryLines(1, backup.repositories[0]), repo2: repositoryLines(2, backup.repositories[1]) },
    ...{ repo1_passphrase: password('repo1'), repo2_passphrase: password('repo2') },
  });

/** An object store lets in the machine itself (key-type auto): there is no key to keep. */
const repositoryLines = (key: number, { path, s3 }: RepositoryPlace): string =>
  [
    ...(s3 === undefined
      ? []
      : [
          ...['type=s3', `s3-endpoint=${s3.endpoint}`, `s3-bucket=${s3.bucket}`, `s3-region=${s3.region}`],
          's3-key-type=auto',
        ]),
    `path=${path}`,
  ]
    .map((line) => `repo${key}-${line}`)
    .join('\n');

/** For people: patronictl, as the operator. */
export const patronictlYml = ({ scope, places, topology, password }: ClusterSpec): string =>
  renderReference('patroni/patronictl.yml', {
    ...{ scope, certs: places.certs, etcd_hosts: hostsText(topology.etcd) },
    patroni_password: password('patroni'),
  });

export const etcdYml = ({ places, topology }: ClusterSpec, member: EtcdMember): string =>
  renderReference('etcd/etcd.yml', {
    ...{ name: member.name, data_dir: places.etcdDir(member), certs: places.certs },
    ...{ client_url: etcdUrl(member), peer_url: etcdPeerUrl(member), metrics_url: etcdMetricsUrl(member) },
    initial_cluster: topology.etcd.map((one) => `${one.name}=${etcdPeerUrl(one)}`).join(','),
  });

export const pgbouncerIni = (spec: ClusterSpec, pool: Pool): string => {
  const { places, machine, versions } = spec;
  const text = renderReference('pgbouncer/pgbouncer.ini', {
    ...{ address: pool.address, port: pool.port, dir: places.poolDir(pool) },
    ...{ certs: places.certs, certificate: pool.certificate ?? pool.name },
    ...{ pool_size: poolSize(machine, sessionsOf(spec)), reserve: RESERVE, max_clients: spec.maxClients },
    // Longer than the loss of the primary lasts.
    queue_seconds: shortestTimers(versions.patroni).ttl + 5,
  });
  return replacedInIni(text, spec.settings?.pgbouncer ?? {});
};

export const haproxyCfg = (spec: ClusterSpec, proxy: Proxy): string =>
  render(forEachMember(readReference('haproxy/haproxy.cfg'), spec.topology.members), {
    ...{ address: proxy.address, primary_port: proxy.port, replica_port: proxy.replicaPort },
    ...{ certs: spec.places.certs, max_clients: spec.maxClients },
  });

/** What HAProxy has more with a pool beside each member: a way to the primary's pool. */
export const haproxyPoolsCfg = (
  proxy: Proxy,
  port: number,
  members: readonly (Member & { readonly poolPort: number })[],
): string =>
  render(forEachMember(readReference('haproxy/pools.cfg'), members), { address: proxy.address, pools_port: port });

/** A line with {{member.…}} stands for one line for each member. */
const forEachMember = (text: string, members: readonly Member[]): string =>
  text
    .split('\n')
    .flatMap((line) =>
      !line.includes('{{member.')
        ? [line]
        : members.map((member) =>
            line.replaceAll(/\{\{member\.(\w+)\}\}/g, (_, key: string) => String(member[key as keyof Member])),
          ),
    )
    .join('\n');
