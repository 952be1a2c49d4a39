import { existsSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { exporterServices, writeExporterConfig } from '../stack/exporters-service';
import { createdKind, markCreated } from '../stack/created';
import { makeDir } from '../stack/files';
import { layoutOf } from '../stack/layout';
import { service, services, task, type Plan, type PlanOptions, type Step, type TaskContext } from '../stack/plan';
import { PREVIEW_URL, previewOf } from '../stack/preview-service';
import { ensureSecrets } from '../stack/secrets';
import { createRoles, seedTrading, type TradingOptions } from '../stack/trading';
import { prepareWorkload, workloadService, type WorkloadOptions } from '../stack/workload';
import { servicesAccount } from './account';
import { ALERTMANAGER_URL, alertmanagerService, prepareAlertmanager } from './alertmanager';
import { findBinaries, majorOf, type Binaries } from './binaries';
import { members, restUrl, type DebianContext, type Member } from './context';
import { etcdService, prepareEtcd } from './etcd';
import { currentLeader, patroniService, preparePatroni, synchronousStandby, updateClusterConfig } from './patroni';
import { followService, pgbouncerService, POOL_PORT, preparePgbouncer } from './pgbouncer';
import { preparePrometheus, PROMETHEUS_URL, prometheusService } from './prometheus';
import { until } from '../stack/until';

/** The whole system from Debian's packages: etcd, two Patroni members, pool, exporters, Prometheus, alerts, workload. */
export const debianPlan = async (options: PlanOptions): Promise<Plan> => {
  const layout = layoutOf(options.state);
  const fresh = createdKind(layout) === undefined;
  const binaries = requireBinaries(fresh ? undefined : (majorOf(layout.dirOf('pg1')) ?? majorOf(layout.dirOf('pg2'))));
  const context: DebianContext = { layout, binaries, account: servicesAccount() };
  const load: WorkloadOptions = {
    ...{ layout, account: context.account, pgbench: `${binaries.postgresBin}/pgbench` },
    ...{ port: POOL_PORT, rate: options.rate },
  };
  const preview = previewOf(options.preview, context.account);
  return Promise.resolve({
    kind: 'debian',
    steps: [
      task('Configuration and secrets', () => Promise.resolve(prepare(context, fresh, load, options.webhook))),
      service(etcdService(context)),
      ...(fresh ? firstStart(context) : laterStart(context)),
      task('Synchronous replication', async ({ signal, say }) => {
        const standby = await until(signal, 60, say, (s) => found(synchronousStandby(s), 'no synchronous standby yet'));
        return `commits wait for ${standby.name}`;
      }),
      services('PgBouncer, pointed at the primary', [pgbouncerService(context), followService(context)]),
      services('Exporters', exporterServices(layout, context.account, options.processes)),
      ...(options.rate > 0 ? [service(workloadService(load))] : []),
      service(alertmanagerService(context)),
      service(prometheusService(context)),
      ...preview.services.map(service),
    ],
    next: [...preview.services.map(() => `xdg-open ${PREVIEW_URL}`), ...nextThings(context, options.from)],
    notes: [...(options.rate > 0 ? [] : ['There is no workload: npm start -- --rate 200 runs one.']), ...preview.notes],
    stopOrder: primaryAfterStandby,
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

const prepare = (
  context: DebianContext,
  fresh: boolean,
  load: WorkloadOptions,
  webhook: string | undefined,
): string | undefined => {
  const { layout, account } = context;
  const unfinished = fresh && existsSync(layout.dirOf('etcd'));
  if (fresh) {
    // Half-made members and a half-written cluster key can't be gone on with, and hold nothing of anybody's.
    for (const name of ['etcd', ...members.map((m) => m.name)]) {
      rmSync(layout.dirOf(name), { recursive: true, force: true });
    }
  }
  makeDir(layout.logs, undefined, 0o755);
  ensureSecrets(layout, account);
  prepareEtcd(context);
  preparePatroni(context);
  preparePgbouncer(context, fresh);
  preparePrometheus(context);
  prepareAlertmanager(context, webhook);
  if (load.rate > 0) prepareWorkload(load);
  writeExporterConfig(layout, {
    postgres: members,
    pgbouncer: [{ name: 'pool', port: POOL_PORT }],
    clusters: [{ name: 'grandmodel', patroni: members.map(restUrl), postgres: members.map((m) => m.name) }],
  });
  return unfinished ? 'a first start did not finish: begun anew' : undefined;
};

/** The second member is made when the first has the data: copying is faster than replaying how it came to be. */
const firstStart = (context: DebianContext): Step[] => {
  const [pg1, pg2] = members;
  const trading: TradingOptions = { ...context, psql: `${context.binaries.postgresBin}/psql`, port: pg1.port };
  return [
    service(patroniService(pg1, context)),
    task('Primary elected', electedLeader),
    task('Roles and database', async (rest) => {
      await createRoles(trading, rest);
      return undefined;
    }),
    task('Trading database, seeded', (rest) => seedTrading(trading, rest)),
    service(patroniService(pg2, context)),
    task('First start finished', async () => {
      markCreated(context.layout, 'debian');
      return Promise.resolve(undefined);
    }),
  ];
};

/** Which member may lead depends on how it was stopped: both must be there for Patroni to choose. */
const laterStart = (context: DebianContext): Step[] => [
  services(
    'PostgreSQL, both members',
    members.map((member) => patroniService(member, context)),
  ),
  task('Primary elected', electedLeader),
  task('Cluster configuration', async ({ signal }) => {
    await updateClusterConfig(context, signal);
    return undefined;
  }),
];

const electedLeader = async ({ signal, say }: TaskContext): Promise<string> =>
  (await until(signal, 60, say, (s) => found(currentLeader(s), 'no primary yet'))).name;

const found = async (search: Promise<Member | undefined>, otherwise: string): Promise<Member> => {
  const member = await search;
  if (member === undefined) throw new Error(otherwise);
  return member;
};

/** A primary that stops before its standby would have it promoted for a second. */
const primaryAfterStandby = async (running: readonly string[]): Promise<string[]> => {
  const leader = await currentLeader(AbortSignal.timeout(2000)).catch(() => undefined);
  const own = members.map((m) => m.name as string).filter((name) => running.includes(name));
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
