import { send } from '../../stack/procs';
import { signalFamily } from '../processes';
import type { DrillMember, Topology } from '../topology';
import type { UndoStep } from '../undo';
import { found, needsProcesses, processesOf, type Fault, type FaultContext, type Injected } from './fault';

/** How long a hung or lost primary stays so after another one has taken over. */
export const AFTER_FAILOVER = { until: 'failover', atLeastSeconds: 0 } as const;

const patroniOn = (topology: Topology, { name }: DrillMember) =>
  found(processesOf(topology).of(name), `Patroni of ${name}`);
const postgresOn = (topology: Topology, { name }: DrillMember) =>
  found(processesOf(topology).postmasterOf(name), `PostgreSQL of ${name}`);

/** The supervisor of the stack starts nothing by itself that was killed. */
const killed = (context: FaultContext, member: DrillMember, what: string, hold: Injected['hold']): Injected => {
  const step: UndoStep = { kind: 'start', services: [member.name] };
  context.journal.push(step);
  return { what, member, hold, undo: [step] };
};

export const postmasterKill: Fault = {
  refusal: needsProcesses,
  inject: ({ topology, primary }) => {
    send(postgresOn(topology, primary).pid, 'SIGKILL');
    return Promise.resolve({
      what: `kill -9 of the postmaster of ${primary.name}`,
      member: primary,
      hold: { until: 'writes', atLeastSeconds: 1 },
      undo: [],
    });
  },
};

const killNode = (context: FaultContext, member: DrillMember, hold: Injected['hold']): Injected => {
  const { topology } = context;
  const patroni = patroniOn(topology, member);
  const postgres = postgresOn(topology, member);
  const injected = killed(context, member, `kill -9 of Patroni and PostgreSQL of ${member.name}`, hold);
  // Both stand still before the first is killed: neither sees the other go.
  signalFamily(patroni, 'SIGSTOP');
  signalFamily(postgres, 'SIGKILL');
  signalFamily(patroni, 'SIGKILL');
  return injected;
};

export const nodeLoss: Fault = {
  refusal: needsProcesses,
  inject: (context) => Promise.resolve(killNode(context, context.primary, AFTER_FAILOVER)),
};

export const standbyLoss: Fault = {
  refusal: needsProcesses,
  inject: (context) => Promise.resolve(killNode(context, context.standby, { until: 'writes', atLeastSeconds: 3 })),
};

export const patroniKill: Fault = {
  refusal: needsProcesses,
  inject: async (context) => {
    const { topology, patroni, primary } = context;
    const { ttl, loop_wait } = await patroni.config();
    const target = patroniOn(topology, primary);
    // Long enough for its lock to end, so that what comes of that is seen.
    const hold = { until: 'writes', atLeastSeconds: ttl + loop_wait + 4 } as const;
    const injected = killed(context, primary, `kill -9 of Patroni of ${primary.name}`, hold);
    send(target.pid, 'SIGKILL');
    return injected;
  },
};

const stopFamilies = (
  context: FaultContext,
  what: string,
  roots: readonly ReturnType<typeof postgresOn>[],
): Injected => {
  const { journal, primary } = context;
  // Written down before the first is stopped, and again with their children.
  const first: UndoStep = { kind: 'continue', processes: [...roots] };
  journal.push(first);
  const stopped = roots.flatMap((root) => signalFamily(root, 'SIGSTOP'));
  const step: UndoStep = { kind: 'continue', processes: stopped };
  journal.push(step);
  journal.drop(first);
  return { what, member: primary, hold: AFTER_FAILOVER, undo: [step] };
};

export const hang: Fault = {
  refusal: needsProcesses,
  inject: (context) => {
    const { topology, primary } = context;
    const roots = [patroniOn(topology, primary), postgresOn(topology, primary)];
    return Promise.resolve(
      stopFamilies(context, `SIGSTOP of Patroni and PostgreSQL of ${primary.name}, SIGCONT after the failover`, roots),
    );
  },
};

export const postgresHang: Fault = {
  refusal: needsProcesses,
  inject: (context) => {
    const { topology, primary } = context;
    return Promise.resolve(
      stopFamilies(context, `SIGSTOP of PostgreSQL of ${primary.name}, SIGCONT after the failover`, [
        postgresOn(topology, primary),
      ]),
    );
  },
};
