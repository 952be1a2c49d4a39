import { setTimeout as sleep } from 'node:timers/promises';
import { type DrillKind, SubmilliError } from '@submilli/core';
import { ask, withSession } from '../drill/ask';
import { faults as drillFaults } from '../drill/faults/index';
import { requireHealthy, type Healthy } from '../drill/health';
import { kinds as drillKinds } from '../drill/kinds';
import { leaderOf, type Patroni } from '../drill/patroni';
import { letGoOn, signalFamily } from '../drill/processes';
import { undoSurely } from '../drill/restore';
import type { DrillMember, Topology } from '../drill/topology';
import type { UndoJournal, UndoStep } from '../drill/undo';
import { ask as askHttp } from '../stack/http';
import { exporterPorts } from '../stack/exporters-service';
import { send, untilGone, type ProcessId } from '../stack/procs';
import type { Subject } from './subject';

export type Stage = {
  readonly subject: Subject;
  readonly patroni: Patroni;
  readonly journal: UndoJournal;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Services of the exporters. */
  readonly exporters: readonly string[];
  /** Counters of this member's statistics begin anew; of the exporters', at a reload. */
  readonly beginsAnew: (whose: string) => void;
};

/** What is done to the stack. `perform` resolves with what was done, when it is taken back. */
export type SoakFault = {
  readonly kind: string;
  readonly title: string;
  /** After it, a life of an exporter begins: best early in a run, whose rest is then one life to judge growth by. */
  readonly restartsExporters: boolean;
  readonly perform: (stage: Stage) => Promise<string>;
};

/** How long something stays broken: longer than a server may be shown after its end. */
const holdSeconds = (random: () => number): number => 18 + random() * 8;

const pause = (seconds: number, signal: AbortSignal): Promise<void> => sleep(seconds * 1000, undefined, { signal });

const healthyOf = ({ subject, patroni }: Stage): Promise<Healthy> => requireHealthy(subject.topology, patroni);

/** As the drill of this name does it, without its clients. */
const drilled = (kind: DrillKind): SoakFault => ({
  ...{ kind, title: drillKinds[kind].title, restartsExporters: false },
  perform: async (stage) => {
    const { subject, patroni, journal, random, signal } = stage;
    const { topology } = subject;
    const { primary, standby } = await healthyOf(stage);
    const injected = await drillFaults[kind].inject({
      ...{ topology, patroni, primary, standby, journal },
      event: () => undefined,
    });
    try {
      await pause(Math.max(injected.hold.atLeastSeconds, holdSeconds(random)), signal);
      if (injected.hold.until === 'failover') await untilLedByAnother(stage, primary);
    } finally {
      await takeBack(stage, injected.undo);
    }
    return injected.what;
  },
});

/** A lock lives so long at most; then there is an election. */
const FAILOVER_SECONDS = 60;

const untilLedByAnother = async ({ subject, patroni, signal }: Stage, old: DrillMember): Promise<void> => {
  const end = Date.now() + FAILOVER_SECONDS * 1000;
  for (;;) {
    const leader = await leaderOf(subject.topology, patroni).catch(() => undefined);
    if ((leader !== undefined && leader.name !== old.name) || Date.now() > end) return;
    await pause(1, signal);
  }
};

export const takeBack = async ({ subject, patroni, journal }: Stage, steps: readonly UndoStep[]): Promise<void> => {
  for (const step of steps) {
    await undoSurely(step, subject.topology, patroni);
    journal.drop(step);
  }
};

const running = (topology: Topology, service: string): ProcessId => {
  const process = topology.processes?.of(service);
  if (process !== undefined) return process;
  throw new SubmilliError({ what: `${service} does not run` });
};

/** Ends services by a signal, and starts them again after a while. */
const ended = (
  kind: string,
  title: string,
  signalName: 'SIGKILL' | 'SIGTERM',
  which: (stage: Stage) => readonly string[],
  restartsExporters = false,
): SoakFault => ({
  ...{ kind, title, restartsExporters },
  perform: async (stage) => {
    const { subject, journal, random, signal } = stage;
    const services = which(stage);
    const step: UndoStep = { kind: 'start', services: [...services] };
    journal.push(step);
    try {
      for (const process of services.map((service) => running(subject.topology, service))) {
        send(process.pid, signalName);
        await untilGone(process, 10);
      }
      await pause(restartsExporters ? 1 + random() * 3 : holdSeconds(random), signal);
    } finally {
      await takeBack(stage, [step]);
    }
    return `${signalName === 'SIGKILL' ? 'kill -9' : 'SIGTERM'} of ${services.join(', ')}`;
  },
});

/** Stops a process and all its children for a while. */
const stopped = (kind: string, title: string, which: (stage: Stage) => Promise<[string, ProcessId]>): SoakFault => ({
  ...{ kind, title, restartsExporters: false },
  perform: async (stage) => {
    const { journal, random, signal } = stage;
    const [name, process] = await which(stage);
    const first: UndoStep = { kind: 'continue', processes: [process] };
    journal.push(first);
    const family = signalFamily(process, 'SIGSTOP');
    const step: UndoStep = { kind: 'continue', processes: [...family] };
    journal.push(step);
    try {
      await pause(holdSeconds(random), signal);
    } finally {
      letGoOn(family);
      journal.drop(step);
      journal.drop(first);
    }
    return `SIGSTOP of ${name}, SIGCONT after a while`;
  },
});

const act = (kind: string, title: string, perform: (stage: Stage) => Promise<string>): SoakFault => ({
  ...{ kind, title, restartsExporters: false, perform },
});

const oneOf = <T>(list: readonly T[], random: () => number): T => {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new SubmilliError({ what: 'there is nothing to choose from' });
  return one;
};

const etcdOf = ({ subject, random }: Stage): string => oneOf(subject.topology.etcd, random).name;

const onEveryMember = async ({ subject }: Stage, statements: readonly string[]): Promise<void> => {
  const { members, owner } = subject.topology;
  for (const member of members) {
    await withSession(member, owner, async (client) => {
      for (const statement of statements) await ask(client, statement, 10_000);
    });
  }
};

const reloads = async (stage: Stage): Promise<string> => {
  const bySignal = stage.random() < 0.5;
  stage.beginsAnew('exporters-reloaded');
  if (bySignal) {
    for (const name of stage.exporters) send(running(stage.subject.topology, name).pid, 'SIGHUP');
  } else {
    // All exporters of a process reload together.
    const ports = stage.exporters.length === 1 ? [exporterPorts.database] : Object.values(exporterPorts);
    for (const port of ports) {
      const url = `http://127.0.0.1:${port}/-/reload`;
      const { status, text } = await askHttp(url, AbortSignal.timeout(20_000), { method: 'POST' });
      if (status !== 200) throw new SubmilliError({ what: `${url} answers ${status}: ${text.trim()}` });
    }
  }
  await pause(2, stage.signal);
  return `the exporters’ configuration reloaded by ${bySignal ? 'SIGHUP' : 'POST /-/reload'}`;
};

const statisticsReset = async (stage: Stage): Promise<string> => {
  const beginAnew = (): void => {
    for (const { name } of stage.subject.topology.members) stage.beginsAnew(name);
  };
  beginAnew();
  const resets = [
    ...['pg_stat_reset()', "pg_stat_reset_shared('bgwriter')", "pg_stat_reset_shared('wal')"],
    ...["pg_stat_reset_shared('archiver')", 'pg_stat_reset_slru(NULL)'],
  ];
  const all = resets.map((call) => `SELECT pg_catalog.${call}`);
  // Once more when it is done: a look in between is of the old figures, or of some of each.
  await onEveryMember(stage, [...all, 'SELECT pg_stat_statements_reset()']).finally(beginAnew);
  return 'pg_stat_reset, pg_stat_reset_shared, pg_stat_reset_slru and pg_stat_statements_reset on all members';
};

const restarted = async (stage: Stage): Promise<string> => {
  const { subject, patroni } = stage;
  const { primary } = await healthyOf(stage);
  await patroni.restart(primary, 60);
  return `PostgreSQL of ${primary.name} (the primary) restarted by ${subject.topology.cluster}’s Patroni`;
};

export const soakFaults: readonly SoakFault[] = [
  ended('exporters-kill', 'exporters killed', 'SIGKILL', ({ exporters }) => exporters, true),
  ended('exporters-stop', 'exporters restarted', 'SIGTERM', ({ exporters }) => exporters, true),
  act('reload', 'configuration reloaded', reloads),
  drilled('postmaster-kill'),
  drilled('node-loss'),
  drilled('standby-loss'),
  drilled('patroni-kill'),
  drilled('postgres-hang'),
  drilled('switchover'),
  act('postgres-restart', 'PostgreSQL restarted', restarted),
  ended('pool-kill', 'PgBouncer killed', 'SIGKILL', () => ['pgbouncer']),
  stopped('pool-hang', 'PgBouncer stands still', ({ subject }) =>
    Promise.resolve(['PgBouncer', running(subject.topology, 'pgbouncer')]),
  ),
  stopped('patroni-hang', 'Patroni of the standby stands still', async (stage) => {
    const { standby } = await healthyOf(stage);
    return [`Patroni of ${standby.name}`, running(stage.subject.topology, standby.name)];
  }),
  stopped('standby-hang', 'PostgreSQL of the standby stands still', async (stage) => {
    const { standby } = await healthyOf(stage);
    const postmaster = stage.subject.topology.processes?.postmasterOf(standby.name);
    if (postmaster === undefined) throw new SubmilliError({ what: `PostgreSQL of ${standby.name} does not run` });
    return [`PostgreSQL of ${standby.name}`, postmaster];
  }),
  ended('etcd-kill', 'an etcd member killed', 'SIGKILL', (stage) => [etcdOf(stage)]),
  stopped('etcd-hang', 'an etcd member stands still', (stage) => {
    const name = etcdOf(stage);
    return Promise.resolve([name, running(stage.subject.topology, name)]);
  }),
  act('log-rotation', 'server logs rotated', async (stage) => {
    await onEveryMember(stage, ['SELECT pg_catalog.pg_rotate_logfile()']);
    return 'pg_rotate_logfile on all members';
  }),
  act('statistics-reset', 'statistics reset', statisticsReset),
];
