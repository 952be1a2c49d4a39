import type { ClusterSpec } from '../cluster/spec';
import { restUrl, type Topology } from '../cluster/topology';
import { etcdMetricsUrl } from '../cluster/topology';
import { readFileSync } from 'node:fs';
import { asOperator } from '../stack/http';
import type { Layout } from '../stack/layout';
import { readSecret, secretNames } from '../stack/secrets';
import type { Access } from './cluster';

/** How to reach a cluster whose secrets and certificates are in a folder of ours. */
export const accessOf = (
  spec: Pick<ClusterSpec, 'scope' | 'database' | 'application'>,
  topology: Topology,
  layout: Layout,
): Access => {
  const ssl = { ca: readFileSync(layout.certOf('ca')) };
  const { database } = spec;
  return {
    cluster: spec.scope,
    members: topology.members.map((member) => ({
      ...{ name: member.name, host: member.address, port: member.port, ssl, restUrl: restUrl(member) },
    })),
    pools: topology.pools.map(({ name, address, port }) => ({
      ...{ name, host: address, port, ssl },
      admin: { user: 'pgbouncer', password: readSecret(layout, 'pgbouncer'), database: 'pgbouncer' },
      include: undefined, // whoever follows the primary points it there
    })),
    etcd: topology.etcd.map((member) => ({ name: member.name, healthUrl: `${etcdMetricsUrl(member)}/health` })),
    patroni: { user: 'patroni', password: readSecret(layout, 'patroni') },
    tls: asOperator(layout),
    watcher: { user: 'submilli', password: readSecret(layout, 'submilli'), database },
    application: { user: spec.application, password: readSecret(layout, 'app'), database },
    superuser: { user: 'postgres', password: readSecret(layout, 'superuser'), database },
  };
};

/** All that is secret in the files of such a cluster. */
export const secretsOf = (layout: Layout): string[] => secretNames.map((name) => readSecret(layout, name));
