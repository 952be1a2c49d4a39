import { setTimeout as sleep } from 'node:timers/promises';
import { type DrillKind, type DrillReport, type DrillRun, messageOf, SubmilliError } from '@submilli/core';
import { ask, withSession } from './ask';
import { readFacts, type Facts } from './facts';
import { faults } from './faults/index';
import { requireHealthy, untilHealthy, type Healthy } from './health';
import { kinds } from './kinds';
import type { Patroni } from './patroni';
import { untilWhole } from './repair';
import { undoSurely } from './restore';
import { CLIENT, runOnce } from './run';
import { createStatements } from './table';
import type { DrillMember, Topology } from './topology';
import type { UndoJournal, UndoStep } from './undo';
import { judge } from './verdict/judge';
import { summaryOf } from './verdict/summary';

/** The cluster is not what it was before the drill. */
export class NotRestored extends SubmilliError {}

export type DrillOptions = {
  readonly topology: Topology;
  readonly patroni: Patroni;
  readonly journal: UndoJournal;
  readonly kinds: readonly DrillKind[];
  readonly runs: number;
  /** Keys of Patroni's configuration for the time of the drills. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly onRun: (kind: DrillKind, run: number) => void;
  readonly say: (detail: string) => void;
  readonly onRunDone: (kind: DrillKind, run: DrillRun) => void;
  readonly onReport: (report: DrillReport) => void;
};

/** How long Patroni may take to act on a changed configuration: a round of each member. */
const SETTLE_MS = 3000;
const HEALTHY_SECONDS = 60;

/** Why a kind can't be run here; undefined if it can. */
export const refusalOf = (kind: DrillKind, topology: Topology): string | undefined => {
  const why = faults[kind].refusal(topology);
  return why === undefined ? undefined : `${kind} can't be run here: ${why}`;
};

/**
 * Runs each kind so many times, one after the other, each on a healthy cluster. Whatever happens, what the journal says
 * is undone when this settles.
 */
export const runDrills = async (options: DrillOptions): Promise<void> => {
  const { topology, patroni, journal, settings } = options;
  let touched = false;
  try {
    const healthy = await requireHealthy(topology, patroni);
    touched = true;
    await changeSettings(patroni, journal, settings);
    await createTable(topology, healthy.primary, journal);
    for (const kind of options.kinds) options.onReport(await runKind(kind, options));
  } finally {
    if (touched) await restore(options);
    journal.close();
  }
};

/** Not called off by a signal: whoever interrupts a drill wants the cluster back. */
const restore = async ({ topology, patroni, journal, say }: DrillOptions): Promise<void> => {
  let failure: unknown;
  for (const step of journal.steps()) {
    say(`restoring: ${step.kind}`);
    await undoSurely(step, topology, patroni).then(
      () => journal.drop(step),
      (error: unknown) => (failure ??= error),
    );
  }
  try {
    if (failure !== undefined) throw failure as Error;
    await untilWhole({ topology, patroni, signal: undefined, say, helped: say });
  } catch (cause) {
    throw new NotRestored({
      what: `the cluster is not whole again: ${messageOf(cause)}`,
      hint: 'See what is wrong: npx submilli stack status; what is left to undo: npx submilli drill restore',
      cause,
    });
  }
};

const changeSettings = async (
  patroni: Patroni,
  journal: UndoJournal,
  settings: DrillOptions['settings'],
): Promise<void> => {
  if (Object.keys(settings).length === 0) return;
  const before = await patroni.rawConfig();
  const patch = Object.fromEntries(Object.keys(settings).map((key) => [key, before[key] ?? null]));
  journal.push({ kind: 'configuration', patch });
  await patroni.patchConfig(settings);
  await sleep(SETTLE_MS);
};

const createTable = async (topology: Topology, primary: DrillMember, journal: UndoJournal): Promise<void> => {
  const step: UndoStep = { kind: 'drop-table' };
  journal.push(step);
  await withSession(primary, topology.owner, async (client) => {
    for (const statement of createStatements(topology.writer.user)) await ask(client, statement, 10_000);
  });
};

const runKind = async (kind: DrillKind, options: DrillOptions): Promise<DrillReport> => {
  const { topology, patroni, signal, runs: wanted } = options;
  const refusal = refusalOf(kind, topology);
  if (refusal !== undefined) throw new SubmilliError({ what: refusal });
  const startedAt = new Date();
  const runs: DrillRun[] = [];
  let healthy: Healthy = await untilHealthy(topology, patroni, HEALTHY_SECONDS, signal, options.say);
  const facts = await readFacts(topology, patroni, healthy.primary);
  const id = idOf(kind, startedAt);
  for (let run = 1; run <= wanted; run += 1) {
    options.onRun(kind, run);
    if (run > 1) healthy = await untilHealthy(topology, patroni, HEALTHY_SECONDS, signal, options.say);
    const done = await runOnce({ ...options, kind, id: `${id}-${run}`, healthy });
    runs.push(done);
    options.onRunDone(kind, done);
    if (done.helped.length > 0) break; // what comes now would be measured on a cluster that is not what it was
  }
  return reportOf(kind, id, topology.cluster, startedAt, facts, runs);
};

const idOf = (kind: DrillKind, at: Date): string => `${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${kind}`;

export const reportOf = (
  kind: DrillKind,
  id: string,
  cluster: string,
  startedAt: Date,
  facts: Facts,
  runs: DrillRun[],
): DrillReport => {
  const promisesLossless = facts.configuration.synchronousMode;
  return {
    version: 1,
    ...{ id, kind, cluster, ...facts, promisesLossless, runs },
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    client: {
      everySeconds: CLIENT.everyMs / 1000,
      sessions: { ...CLIENT.sessions },
      patienceSeconds: {
        pool: CLIENT.patienceMs.pool / 1000,
        'multi-host': CLIENT.patienceMs['multi-host'] / 1000,
        'old-primary': CLIENT.patienceMs['old-primary'] / 1000,
      },
    },
    summary: summaryOf(runs),
    verdict: judge(kinds[kind], runs, promisesLossless),
  };
};
