import { SubmilliError, type ReferenceSettings } from '@submilli/core';
import { parse } from 'yaml';
import { etcdYml, patroniYml, pgbackrestConf, pgbouncerIni } from '../cluster/files';
import type { ClusterSpec } from '../cluster/spec';
import { servicesAccount } from '../debian/account';
import { backupSpecOf, isBackups } from '../debian/backups';
import { findBinaries } from '../debian/binaries';
import { specOf } from '../debian/spec';
import { routesOf, stackTopology } from '../debian/topology';
import { stackState } from '../drill/topology';
import type { NetworkPlan } from '../hosts/plan';
import type { NetworkRecord } from '../hosts/record';
import { askSupervisor } from '../stack/control';
import { readCreated } from '../stack/created';
import type { Layout } from '../stack/layout';
import type { StackState } from '../stack/state';
import { readReference } from '../stack/template';
import { userlistText } from '../stack/userlist';
import { accessOf, secretsOf } from './access';
import type { Access, DeployCluster } from './cluster';
import type { Dcs } from './dcs';
import { localMachine } from './machines/local';
import type { ServiceName } from './step';
import type { Part, Wanted, WantedFile } from './wanted';
import { whysIn } from './whys';

const MACHINE = 'stack';

/** How to reach the cluster of a running stack. */
export const stackAccess = (layout: Layout): Access => {
  const spec = stackSpec(layout, stackState(layout));
  return accessOf(spec, spec.topology, layout);
};

/** A running stack as something to deploy to: all of it is on this machine, and the reference renders it. */
export const stackCluster = (layout: Layout, settings: ReferenceSettings): DeployCluster => {
  const state = stackState(layout);
  if (state.kind === 'embedded') {
    const hint = 'Deploying needs Patroni and PgBouncer: npm start without --embedded.';
    throw new SubmilliError({ what: 'the embedded stack has no cluster configuration', where: layout.state, hint });
  }
  const spec = { ...stackSpec(layout, state), settings };
  return {
    ...accessOf(spec, spec.topology, layout),
    machines: new Map([[MACHINE, localMachine(MACHINE)]]),
    wanted: wantedOf(spec, layout),
    lintContext: { machine: spec.machine, versions: spec.versions },
    services: servicesOf(layout),
    secrets: secretsOf(layout),
    scoreUrl: 'http://127.0.0.1:9091',
    ...{ claims: [], work: layout.dirOf('deploy') },
  };
};

const stackSpec = (layout: Layout, { services, network }: StackState): ClusterSpec => {
  const binaries = findBinaries(readCreated(layout)?.postgresMajor);
  if ('missing' in binaries) throw new SubmilliError({ what: `not installed: ${binaries.missing.join(', ')}` });
  const hosts = network === null ? undefined : planOf(network);
  const withRoutes = services.some(({ name }) => name === 'haproxy');
  const topology = stackTopology(hosts, withRoutes);
  const routes = withRoutes ? routesOf(topology, hosts) : undefined;
  const withBackups = services.some(({ name }) => isBackups(name));
  const backup = withBackups ? backupSpecOf(layout, binaries.pgbackrest) : undefined;
  return specOf({ layout, binaries, topology, routes, backup, account: servicesAccount() });
};

const planOf = ({ hosts, ...rest }: NetworkRecord): NetworkPlan => ({
  ...rest,
  hosts: hosts.map(({ name, address, disk }) => ({ name, address, ...(disk === null ? {} : { disk }) })),
});

const servicesOf = (layout: Layout): DeployCluster['services'] => ({
  reload: ({ name }: ServiceName) =>
    Promise.reject(new SubmilliError({ what: 'the stack can’t have it read its files again', where: name })),
  restart: async ({ name }: ServiceName) => {
    const { socket } = stackState(layout);
    await askSupervisor(socket, { command: 'stop', name });
    await askSupervisor(socket, { command: 'start', name });
  },
});

const file = (path: string, text: string, part: Part): WantedFile => ({
  ...{ machine: MACHINE, path, content: Buffer.from(text), mode: 0o600, part, secret: false, once: false },
});

/** pgBackRest reads its file whenever it runs: nobody has to be told. */
const backupFiles = (spec: ClusterSpec): WantedFile[] => {
  const { backup, topology } = spec;
  if (backup === undefined) return [];
  return topology.members.map((member) =>
    file(backup.config(member), pgbackrestConf(spec, backup, member), { of: undefined, note: undefined }),
  );
};

const wantedOf = (spec: ClusterSpec, layout: Layout): Wanted => {
  const { members, etcd, pools } = spec.topology;
  const texts = members.map((member) => patroniYml(spec, member));
  const [first = ''] = texts;
  const note = 'lossless.py counts when Patroni itself is started again';
  return {
    cluster: spec.scope,
    dcs: (parse(first) as { bootstrap: { dcs: Dcs } }).bootstrap.dcs,
    files: [
      ...members.map(({ name }, i) =>
        file(`${layout.dirOf('patroni')}/${name}.yml`, texts[i] ?? '', {
          ...{ of: { kind: 'member', name }, is: 'configuration' },
        }),
      ),
      file(`${layout.dirOf('patroni')}/lossless.py`, readReference('patroni/lossless.py'), { of: undefined, note }),
      ...backupFiles(spec),
      ...etcd.map((member) =>
        file(`${layout.state}/${member.name}.yml`, etcdYml(spec, member), {
          ...{ of: { kind: 'etcd', name: member.name }, is: 'configuration' },
        }),
      ),
      ...pools.flatMap((pool) => {
        const of: ServiceName = { kind: 'pool', name: pool.name };
        const dir = layout.dirOf(pool.name);
        return [
          file(`${dir}/pgbouncer.ini`, pgbouncerIni(spec, pool), { of, is: 'configuration' }),
          file(`${dir}/userlist.txt`, userlistText(layout, spec.application), { of, is: 'beside' }),
        ];
      }),
    ],
    whys: whysIn(first),
  };
};
