import type { ReferenceCluster } from '@submilli/core';
import type { SecretName } from '../stack/secrets';
import { queueMegabytes, smallest } from './sizing';
import type { BackupSpec, ClusterSpec } from './spec';

/** Where Debian's packages put a major of PostgreSQL. */
const binDirOf = (major: number): string => `/usr/lib/postgresql/${major}/bin`;

/** What the section `reference` of the configuration describes. */
export const specFromConfig = (reference: ReferenceCluster, password: (of: SecretName) => string): ClusterSpec => {
  const { directories, versions, members, etcd, pools, proxies, clients, watchers, operators } = reference;
  return {
    ...{ scope: reference.scope, database: reference.database, application: reference.application },
    topology: {
      members: members.map(({ name, address, port, rest_port }) => ({
        ...{ name, address, port, restPort: rest_port, title: `PostgreSQL member ${name}` },
      })),
      etcd: etcd.map(({ name, address, client_port, peer_port, metrics_port }) => ({
        ...{ name, address, clientPort: client_port, peerPort: peer_port, metricsPort: metrics_port },
      })),
      pools,
      proxies: proxies.map(({ name, address, port, replica_port }) => ({
        ...{ name, address, port, replicaPort: replica_port },
      })),
      ...{ clients, watchers, operators },
    },
    machine: smallest(members),
    maxClients: reference.max_clients,
    ...{ versions, settings: reference.settings },
    places: {
      certs: `${directories.configuration}/certs`,
      binDir: binDirOf(versions.postgresql),
      dataDir: () => directories.data,
      logDir: () => directories.log,
      pgpass: () => `${directories.configuration}/pgpass`,
      etcdDir: () => directories.etcd,
      poolDir: ({ name }) => `${directories.configuration}/${name}`,
    },
    password,
    backup: backupOf(reference),
  };
};

const backupOf = ({ backup, scope, members, directories }: ReferenceCluster): BackupSpec | undefined =>
  backup === null
    ? undefined
    : {
        ...{ stanza: scope, program: 'pgbackrest', repositories: backup.repositories },
        config: () => `${directories.configuration}/pgbackrest.conf`,
        dir: () => backup.directory,
        retention: { by: 'time', full: backup.retention_days },
        queueMegabytes: queueMegabytes(smallest(members)),
      };
