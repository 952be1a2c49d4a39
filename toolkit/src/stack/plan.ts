import type { Account } from '@submilli/local-postgres';
import type { NetworkPlan } from '../hosts/plan';
import type { Service } from './service';

export type TaskContext = {
  /** Fires when start-up is called off: Ctrl-C, or a service that ended. */
  readonly signal: AbortSignal;
  /** Replaces the text after the title on the progress line of a terminal: "ticks: 400,000 of 1,200,000". */
  readonly say: (detail: string) => void;
};

/** Work that ends: its progress line shows the title while it runs, then the time and the detail it resolves with. */
export type TaskStep = {
  readonly kind: 'task';
  readonly title: string;
  readonly run: (context: TaskContext) => Promise<string | undefined>;
};

/** Services started together; the step is done when all of them are ready. */
export type ServicesStep = { readonly kind: 'services'; readonly title: string; readonly services: readonly Service[] };

/** Hosts for the services of later steps to run on, and whose their disks are. */
export type NetworkStep = {
  readonly kind: 'network';
  readonly title: string;
  readonly network: NetworkPlan;
  readonly account: Account | undefined;
};

/** Services of earlier steps that are stopped and started again, one after the other. */
export type RestartStep = { readonly kind: 'restart'; readonly title: string; readonly names: readonly string[] };

export type Step = TaskStep | ServicesStep | NetworkStep | RestartStep;

/**
 * A way to bring a stack up: an ordered list of steps, and what to say afterwards. The supervisor runs any plan the
 * same way; it knows nothing of Patroni or PostgreSQL.
 *
 * To make one, write a function `xPlan(options: PlanOptions): Promise<Plan>` that looks (at what is installed, at what
 * the state directory already holds) but changes nothing, and returns steps:
 *
 *     return {
 *       kind: 'embedded',
 *       steps: [
 *         task('Configuration and secrets', async () => { …write files…; return undefined; }),
 *         service(etcd),
 *         services('PostgreSQL', [pg1, pg2]),         // together
 *         task('Trading database', async ({ say, signal }) => '1.2 million ticks'),
 *       ],
 *       next: ['curl -s http://127.0.0.1:9091/metrics | grep db_'],
 *       notes: [],
 *     };
 *
 * - A step begins when the one before is done. The first that throws (or a service of an earlier step that ends)
 *   fails the start: everything started is stopped again, in reverse order.
 * - Throw a `SubmilliError` with a one-sentence `what`, the thing's name in `where` and a remedy in `hint`.
 * - A task may be interrupted anywhere, also by SIGKILL, and the next start begins it again: make it idempotent, or
 *   leave the mark that it is done as its last act.
 * - Ports come from the services' endpoints: they are checked before the first step.
 */
export type Plan = {
  readonly kind: 'debian' | 'embedded';
  readonly steps: readonly Step[];
  /** Commands to try once it is up, each working as written from `PlanOptions.from`. */
  readonly next: readonly string[];
  /** Sentences to print under the table: what this plan can't do and why. */
  readonly notes: readonly string[];
  /** Puts running services in the order to stop them; by default the reverse of the starting order. */
  readonly stopOrder?: (running: readonly string[]) => Promise<readonly string[]>;
};

export const task = (title: string, run: TaskStep['run']): TaskStep => ({ kind: 'task', title, run });
export const services = (title: string, list: readonly Service[]): ServicesStep => ({
  kind: 'services',
  title,
  services: list,
});
export const service = (one: Service): ServicesStep => services(one.title, [one]);

export const restart = (title: string, ...names: readonly string[]): RestartStep => ({ kind: 'restart', title, names });

/** All services of a plan, in starting order. */
export const servicesOf = (plan: Pick<Plan, 'steps'>): Service[] =>
  plan.steps.flatMap((step) => (step.kind === 'services' ? step.services : []));

/** What `stack up` was asked for; every plan takes the same. */
export type PlanOptions = {
  /** Absolute path of the state directory; it exists. */
  readonly state: string;
  /** The directory the user called from: paths in `Plan.next` are shown relative to it. */
  readonly from: string;
  /** Transactions per second of the workload; 0 is no workload. */
  readonly rate: number;
  /** Seconds between incremental backups; 0 is neither backups nor an archive of WAL. */
  readonly backupEvery: number;
  /** The Grafana app in a browser, on port 3000. */
  readonly preview: boolean;
  /** Where Alertmanager tells of alerts, on this machine; without it they are shown and nobody is told. */
  readonly webhook: string | undefined;
  /** Exporters in one process or in four. */
  readonly processes: 1 | 4;
  /** The members of the cluster on hosts of their own: network namespaces, which take root. */
  readonly hosts: boolean;
  /** Other ways to the primary beside the pool, to be compared with it. */
  readonly routes: boolean;
};
