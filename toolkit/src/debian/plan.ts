import { existsSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { ensureCertificates } from '../stack/certificates';
import { exporterServices, writeExporterConfig } from '../stack/exporters-service';
import { planCertificates } from '../cluster/certificates';
import { etcdMetricsUrl, restUrl, type Member } from '../cluster/topology';
import { planNetwork, type NetworkPlan } from '../hosts/plan';
import { markCreated, readCreated } from '../stack/created';
import { makeDir } from '../stack/files';
import { layoutOf } from '../stack/layout';
import { restart, service, services, task, type Plan, type PlanOptions, type Step } from '../stack/plan';
import { PREVIEW_URL, previewOf } from '../stack/preview-service';
import { ensureSecrets } from '../stack/secrets';
import type { Service } from '../stack/service';
import { createRoles, seedTrading, type TradingOptions } from '../stack/trading';
import { prepareWorkload, workloadService, type WorkloadOptions } from '../stack/workload';
import { servicesAccount } from './account';
import { ALERTMANAGER_URL, alertmanagerService, prepareAlertmanager } from './alertmanager';
import { backupServices, backupSpecOf, prepareBackups, watchedBackup } from './backups';
import { findBinaries, majorOf, type Binaries } from './binaries';
import type { DebianContext } from './context';
import { etcdServices, prepareEtcd } from './etcd';
import { subnetFor } from './hosts';
import { currentLeader, patroniService, preparePatroni, synchronousStandby, updateClusterConfig } from './patroni';
import { followService, poolService, preparePool } from './pgbouncer';
import { preparePrometheus, PROMETHEUS_URL, prometheusService } from './prometheus';
import { prepareRoutes, routeServices } from './routes';
import { hostWishes, LOOPBACK, POOL_PORT, routesOf, stackTopology } from './topology';
import { until } from '../stack/until';

/** The whole system from Debian's packages: etcd, two Patroni members, pool, exporters, Prometheus, alerts, workload. */
export const debianPlan = async (options: PlanOptions): Promise<Plan> => {
  const layout = layoutOf(options.state);
  const created = readCreated(layout);
  const fresh = created === undefined;
  const subnet = subnetFor(layout, created, options.hosts);
  const network = subnet === undefined ? undefined : planNetwork(layout.state, subnet, hostWishes(layout));
  const binaries = requireBinaries(
    created?.postgresMajor ?? majorOf(layout.dirOf('pg1')) ?? majorOf(layout.dirOf('pg2')),
  );
  const topology = stackTopology(network, options.routes);
  const routes = options.routes ? routesOf(topology, network) : undefined;
  const backup = options.backupEvery > 0 ? backupSpecOf(layout, binaries.pgbackrest) : undefined;
  const context: DebianContext = { layout, binaries, topology, routes, backup, account: servicesAccount() };
  const backups = backupServices(context, options.backupEvery);
  const [pool] = topology.pools;
  if (pool === undefined) throw new SubmilliError({ what: 'a stack without a pool' });
  const load: WorkloadOptions = {
    ...{ layout, account: context.account, pgbench: `${binaries.postgresBin}/pgbench` },
    ...{ port: POOL_PORT, rate: options.rate, caFile: layout.certOf('ca') },
  };
  const preview = previewOf(options.preview, context.account);
  return Promise.resolve({
    kind: 'debian',
    steps: [
      task('Configuration, secrets and certificates', () => prepare(context, fresh, load, options.webhook)),
      ...hostsStep(network, context),
      services('etcd', etcdServices(context)),
      ...(fresh ? firstStart(context, backups, subnet) : laterStart(context, backups)),
      task('Synchronous replication', async ({ signal, say }) => {
        const standby = await until(signal, 60, say, (s) =>
          found(synchronousStandby(context, s), 'no synchronous standby yet'),
        );
        return `commits wait for ${standby.name}`;
      }),
      services('PgBouncer, pointed at the primary', [
        poolService(context, pool, 'PgBouncer'),
        followService(context, pool),
      ]),
      ...(routes === undefined ? [] : [services('HAProxy and more pools', routeServices(context, routes))]),
      services('Exporters', exporterServices(layout, context.account, options.processes)),
      ...(options.rate > 0 ? [service(workloadService(load))] : []),
      service(alertmanagerService(context)),
      service(prometheusService(context)),
      ...preview.services.map(service),
    ],
    next: [...preview.services.map(() => `xdg-open ${PREVIEW_URL}`), ...nextThings(context, options.from)],
    notes: [...(options.rate > 0 ? [] : ['There is no workload: npm start -- --rate 200 runs one.']), ...preview.notes],
    stopOrder: (running) => primaryAfterStandby(context, running),
  });
};

const requireBinaries = (major: number | undefined): Binaries => {
  const binaries = findBinaries(major);
  if (!('missing' in binaries)) return binaries;
  throw new SubmilliError({
    what: `not installed: ${binaries.missing.join(', ')}`,
    hint: 'Run `npx submilli packages --for stack`, or `npm start -- --embedded`, which needs no packages.',
  });
};

const prepare = async (
  context: DebianContext,
  fresh: boolean,
  load: WorkloadOptions,
  webhook: string | undefined,
): Promise<string | undefined> => {
  const { layout, topology, account } = context;
  const unfinished = fresh && existsSync(layout.dirOf('etcd1'));
  if (fresh) {
    // Half-made members and a half-written cluster key can't be gone on with, and hold nothing of anybody's.
    for (const name of [...topology.etcd, ...topology.members].map((m) => m.name).concat('disks')) {
      rmSync(layout.dirOf(name), { recursive: true, force: true });
    }
  }
  makeDir(layout.logs, undefined, 0o755);
  ensureSecrets(layout, account);
  await ensureCertificates(layout, planCertificates(topology), account);
  prepareEtcd(context);
  preparePatroni(context);
  prepareBackups(context, fresh);
  preparePools(context, fresh);
  preparePrometheus(context);
  prepareAlertmanager(context, webhook);
  if (load.rate > 0) prepareWorkload(load);
  writeExporterConfig(layout, layout.certOf('ca'), {
    postgres: topology.members.map(({ name, address, port }) => ({ name, host: address, port })),
    pgbouncer: [{ name: 'pool', host: LOOPBACK, port: POOL_PORT }],
    clusters: [
      {
        name: 'grandmodel',
        patroni: topology.members.map(restUrl),
        postgres: topology.members.map(({ name }) => name),
        // Not their client port: whoever has a certificate for that may also write.
        etcd: topology.etcd.map(etcdMetricsUrl),
        backup: watchedBackup(context),
      },
    ],
  });
  return unfinished ? 'a first start did not finish: begun anew' : undefined;
};

/** Until somebody knows better, the first member is where a pool leads to. */
const preparePools = (context: DebianContext, fresh: boolean): void => {
  const { topology, routes } = context;
  const [first] = topology.members;
  const leadsTo = { host: first?.address ?? LOOPBACK, port: first?.port ?? 5432, fixed: false };
  for (const pool of topology.pools) preparePool(context, pool, leadsTo, fresh);
  if (routes !== undefined) prepareRoutes(context, routes, fresh);
};

/** The second member is made when the first has the data: copying is faster than replaying how it came to be. */
const firstStart = (context: DebianContext, backups: readonly Service[], subnet: string | undefined): Step[] => {
  const { topology, binaries } = context;
  const [first, ...others] = topology.members;
  if (first === undefined) throw new SubmilliError({ what: 'a cluster without members' });
  const { address, port } = first;
  const psql = `${binaries.postgresBin}/psql`;
  const trading: TradingOptions = { ...context, psql, address, port };
  return [
    service(patroniService(first, context)),
    electedLeader(context),
    roles(context),
    // Before the first WAL is due to be handed over.
    ...backupsStep(backups),
    knowingTimers(first),
    electedLeader(context),
    task('Trading database, seeded', (rest) => seedTrading(trading, rest)),
    ...others.flatMap((member) => [service(patroniService(member, context)), knowingTimers(member)]),
    task('First start finished', async () => {
      const at = subnet === undefined ? {} : { subnet };
      markCreated(context.layout, { kind: 'debian', postgresMajor: binaries.postgresMajor, ...at });
      return Promise.resolve(undefined);
    }),
  ];
};

/**
 * Patroni reads its timers from etcd and keeps them beside the data. The connection over which it watches etcd was opened
 * before it knew them: with the default ttl, by which it is noticed only after 30 s that the other side is gone, and
 * until then Patroni believes what it last heard. After a restart it begins with the right ones.
 */
const knowingTimers = ({ name }: Member): Step => restart(`${name} again, now that it knows its timers`, name);

/** Which member may lead depends on how it was stopped: both must be there for Patroni to choose. */
const laterStart = (context: DebianContext, backups: readonly Service[]): Step[] => [
  services(
    'PostgreSQL, both members',
    context.topology.members.map((member) => patroniService(member, context)),
  ),
  electedLeader(context),
  // Of a stack that an older version made, some are missing.
  roles(context),
  ...backupsStep(backups),
  task('Cluster configuration', async ({ signal }) => {
    await updateClusterConfig(context, signal);
    return undefined;
  }),
];

const roles = (context: DebianContext): Step =>
  task('Roles and database', async (rest) => {
    const { address, port } = await found(currentLeader(context, rest.signal), 'there is no primary');
    await createRoles({ ...context, psql: `${context.binaries.postgresBin}/psql`, address, port }, rest);
    return undefined;
  });

const backupsStep = (backups: readonly Service[]): Step[] =>
  backups.length === 0 ? [] : [services('Where WAL and backups go', backups)];

const electedLeader = (context: DebianContext): Step =>
  task('Primary elected', async ({ signal, say }) => {
    const leader = await until(signal, 60, say, (s) => found(currentLeader(context, s), 'no primary yet'));
    return leader.name;
  });

const hostsStep = (network: NetworkPlan | undefined, { account }: DebianContext): Step[] =>
  network === undefined ? [] : [{ kind: 'network', title: 'Hosts', network, account }];

const found = async (search: Promise<Member | undefined>, otherwise: string): Promise<Member> => {
  const member = await search;
  if (member === undefined) throw new Error(otherwise);
  return member;
};

/** A primary that stops before its standby would have it promoted for a second. */
const primaryAfterStandby = async (context: DebianContext, running: readonly string[]): Promise<string[]> => {
  const leader = await currentLeader(context, AbortSignal.timeout(2000)).catch(() => undefined);
  const own = context.topology.members.map((m) => m.name).filter((name) => running.includes(name));
  const ordered = own.toSorted((a, b) => Number(a === leader?.name) - Number(b === leader?.name));
  return running.map((name) => (own.includes(name) ? (ordered.shift() ?? name) : name));
};

const nextThings = ({ layout, binaries }: DebianContext, from: string): string[] => {
  const shown = relative(from, layout.state);
  const state = shown === '' || shown.startsWith('..') ? layout.state : shown;
  const quoted = state.includes(' ') ? `'${state}'` : state;
  return [
    `curl -s http://127.0.0.1:9091/metrics | grep ^db_connections`,
    `npx submilli stack status`,
    `xdg-open '${PROMETHEUS_URL}/graph?g0.expr=db_queries_per_second&g0.tab=0&g0.range_input=15m'`,
    `amtool alert --alertmanager.url=${ALERTMANAGER_URL}`,
    `npx submilli check --config ${quoted}/submilli.yml`,
    `${binaries.patronictl.replace('/usr/bin/', '')} -c ${quoted}/patroni/patronictl.yml switchover grandmodel --force`,
  ];
};
