import type { ClusterSpec } from '../cluster/spec';
import type { Member } from '../cluster/topology';
import type { Layout } from '../stack/layout';
import { readSecret } from '../stack/secrets';
import type { DebianContext } from './context';
import { dataDirOf } from './topology';

/** Two members share one machine here, and a disk of 3 GiB is all a host has. */
const MACHINE = { memory_mb: 1024, cores: 2, disk_gb: 10, storage: 'ssd' } as const;

/** The stack's cluster, as its files are rendered: those of a cluster on machines of its own, in other places. */
export const specOf = ({ layout, binaries, topology, routes, backup }: DebianContext): ClusterSpec => ({
  ...{ scope: 'grandmodel', database: 'grandmodel', application: 'trading' },
  topology,
  machine: MACHINE,
  maxClients: 500,
  versions: { postgresql: binaries.postgresMajor, patroni: binaries.patroniVersion },
  places: {
    certs: layout.certs,
    binDir: binaries.postgresBin,
    dataDir: (member) => dataDirOf(layout, member),
    logDir: ({ name }) => `${layout.logs}/${name}`,
    pgpass: ({ name }) => `${layout.dirOf('patroni')}/${name}.pgpass`,
    etcdDir: ({ name }) => layout.dirOf(name),
    poolDir: ({ name }) => layout.dirOf(name),
  },
  password: (of) => readSecret(layout, of),
  backup,
  ...(routes === undefined ? {} : { onRoleChange: (member) => callbackFile(layout, member) }),
});

/** What Patroni runs when a member's role changes; only with routes. */
export const callbackFile = (layout: Layout, { name }: Member): string =>
  `${layout.dirOf('patroni')}/${name}-on-role-change.sh`;
