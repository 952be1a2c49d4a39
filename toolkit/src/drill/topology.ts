import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { SubmilliError } from '@submilli/core';
import type { Layout } from '../stack/layout';
import { asOperator, type Tls } from '../stack/http';
import { postmasterOf, type ProcessId } from '../stack/procs';
import { readSecret } from '../stack/secrets';
import { stackHosts, type Hosts } from './hosts';
import { readState, supervisorAlive, type ServiceRecord, type StackState } from '../stack/state';

export type Login = { readonly user: string; readonly password: string; readonly database: string };

/** Where something speaks PostgreSQL's protocol, and how it is to be trusted; false is without TLS. */
export type Place = { readonly host: string; readonly port: number; readonly ssl: ConnectionOptions | false };

export type DrillMember = Place & {
  readonly name: string;
  readonly restUrl: string;
};

export type EtcdMember = { readonly name: string; readonly url: string; readonly tls: Tls | undefined };

export type Pool = Place & {
  readonly admin: Login;
  /** The file that says where the pool points for a database, and who re-points it writes; undefined when others do. */
  readonly include: { readonly file: string; readonly database: string } | undefined;
};

/** Commands for a shell that break a member and mend it again, where its processes are out of our reach. */
export type Hooks = { readonly break: string; readonly mend: string };

/** Processes of this machine that a drill may signal. Asked anew each time: a service that was started again has others. */
export type Processes = {
  readonly of: (service: string) => ProcessId | undefined;
  readonly postmasterOf: (member: string) => ProcessId | undefined;
  /** Starts a service that has ended, and waits until it is ready. */
  readonly start: (service: string) => Promise<void>;
};

/** The shape of a cluster, as data: what there is, how to reach it, what may be done to it. */
export type Topology = {
  readonly cluster: string;
  readonly members: readonly DrillMember[];
  readonly etcd: readonly EtcdMember[];
  readonly pool: Pool | undefined;
  /** Where Patroni keeps what it knows in etcd: "/submilli/grandmodel". */
  readonly dcsPrefix: string;
  /** Makes and drops the table. */
  readonly owner: Login;
  /** Writes to it, on every path. */
  readonly writer: Login;
  /** Looks at the members. */
  readonly watcher: Login;
  /** For what Patroni's REST API only does for who has a password. */
  readonly patroni: { readonly user: string; readonly password: string } | undefined;
  /** For its TLS: whom to trust, and a certificate for what it does not do for everybody. */
  readonly tls: Tls | undefined;
  readonly processes: Processes | undefined;
  readonly hooks: Hooks | undefined;
  /** Members live on hosts of their own: network and disk can be taken from one of them. */
  readonly hosts: Hosts | undefined;
  /** What the drill has to undo is kept here, and the journals of its writers. */
  readonly workDirectory: string;
  /** The exporters' state directory: reports go to its `drills` folder. */
  readonly stateDirectory: string;
};

/** The part of the state file that changes while a drill runs. */
export type ReadState = () => StackState;

/** Throws a `SubmilliError` where none is up; `others` says what could be named in its place. */
export const stackState = (layout: Layout, others = ''): StackState => {
  const state = readState(layout);
  if (state?.phase === 'up' && supervisorAlive(state)) return state;
  throw new SubmilliError({
    what: state === undefined ? 'no stack runs here' : `the stack is not up (${state.phase})`,
    where: layout.state,
    hint: `Start one with: npm start -- --detach, or name its place with --state DIR${others}.`,
  });
};

/** What a running stack is, from its state directory. Throws a `SubmilliError` for one without Patroni. */
export const topologyOfStack = (layout: Layout, start: (service: string) => Promise<void>): Topology => {
  const { kind, services, network } = stackState(layout);
  if (kind === 'embedded') {
    const hint = 'Drills need Patroni: npm start without --embedded.';
    throw new SubmilliError({ what: 'the embedded stack has nobody to fail over', where: layout.state, hint });
  }
  const pgbouncer = services.find(({ name }) => name === 'pgbouncer');
  const ssl = { ca: readFileSync(layout.certOf('ca')) };
  const pool = pgbouncer === undefined ? undefined : placeOf(pgbouncer, ssl);
  const database = 'grandmodel';
  return {
    cluster: 'grandmodel',
    members: services.flatMap((service) => memberOf(service, ssl) ?? []),
    etcd: services.flatMap((service) => etcdOf(service, layout) ?? []),
    pool: pool && {
      ...pool,
      admin: { user: 'pgbouncer', password: readSecret(layout, 'pgbouncer'), database: 'pgbouncer' },
      include: { file: join(layout.dirOf('pgbouncer'), 'primary.ini'), database },
    },
    dcsPrefix: '/submilli/grandmodel',
    owner: { user: 'postgres', password: readSecret(layout, 'superuser'), database },
    writer: { user: 'trading', password: readSecret(layout, 'app'), database },
    watcher: { user: 'submilli', password: readSecret(layout, 'submilli'), database },
    patroni: { user: 'patroni', password: readSecret(layout, 'patroni') },
    tls: asOperator(layout),
    processes: processesOf(layout, start),
    hooks: undefined,
    hosts: network === null ? undefined : stackHosts(network, () => stackState(layout).services),
    workDirectory: join(layout.state, 'drill'),
    stateDirectory: layout.dirOf('exporters'),
  };
};

const placeOf = ({ endpoints }: ServiceRecord, ssl: Place['ssl']): Place | undefined => {
  const url = endpoints.find((endpoint) => endpoint.url.startsWith('postgresql:'))?.url;
  if (url === undefined) return undefined;
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), ssl };
};

const memberOf = (service: ServiceRecord, ssl: Place['ssl']): DrillMember | undefined => {
  const postgres = placeOf(service, ssl);
  const rest = service.endpoints.find(({ what }) => what === 'Patroni');
  if (service.dataDir === null || postgres === undefined || rest === undefined) return undefined;
  return { name: service.name, ...postgres, restUrl: new URL(rest.url).origin };
};

const etcdOf = ({ name, endpoints }: ServiceRecord, layout: Layout): EtcdMember | undefined => {
  const url = endpoints.find(({ what }) => what === 'etcd')?.url;
  if (url === undefined) return undefined;
  const tls = {
    ...{ caFile: layout.certOf('etcd-ca') },
    ...{ certFile: layout.certOf('operator-etcd'), keyFile: layout.keyOf('operator-etcd') },
  };
  return { name, url: new URL(url).origin, tls };
};

const processesOf = (layout: Layout, start: (service: string) => Promise<void>): Processes => {
  const find = (name: string): ServiceRecord | undefined =>
    stackState(layout).services.find((service) => service.name === name);
  return {
    of: (name) => find(name)?.process ?? undefined,
    postmasterOf: (name) => {
      const dataDir = find(name)?.dataDir;
      return dataDir === null || dataDir === undefined ? undefined : postmasterOf(dataDir);
    },
    start,
  };
};

/** Where reports of this cluster's drills are kept, for the exporter and the app. */
export const reportsDirectory = ({ stateDirectory }: Pick<Topology, 'stateDirectory'>): string =>
  join(stateDirectory, 'drills');
