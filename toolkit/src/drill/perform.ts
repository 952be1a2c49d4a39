import { type DrillKind, drillKinds, type DrillReport, forPeople, SubmilliError } from '@submilli/core';
import { makeProgress } from '../stack/progress';
import { answerTo, saysYes } from '../stack/question';
import { NotRestored, refusalOf, runDrills } from './drill';
import { kinds } from './kinds';
import { patroniOf } from './patroni';
import { reportPage } from './report/page';
import { storeReport } from './report/store';
import { runLine, terminalReport } from './report/terminal';
import { startGuard } from './restore';
import { reportsDirectory, type Topology } from './topology';
import { openUndoJournal } from './undo';

/** Scripts can tell apart whether nothing was done, something was lost, or something is left. */
export const EXIT = { passed: 0, refused: 1, failed: 2, notRestored: 3, interrupted: 130 } as const;

export type Performance = {
  readonly asked: DrillKind | 'all';
  readonly topology: Topology;
  readonly runs: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly json: boolean;
  /** How the drill is confirmed: it needs none, by yes, or by the cluster's name. */
  readonly confirmation: 'none' | 'yes' | 'name';
  /** How `drill restore` finds the same cluster, for who watches over us. */
  readonly restoreArgs: readonly string[];
};

/** Runs the drills that were asked for, shows and keeps their reports. Resolves with the exit code. */
export const perform = async (performance: Performance): Promise<number> => {
  const { asked, topology, runs, settings, json, restoreArgs } = performance;
  const say = (line: string): void => (json ? console.error(line) : console.log(line));
  const wanted = chosen(asked, topology, say);
  await confirm(performance, wanted);
  const journal = openUndoJournal(topology.workDirectory);
  startGuard(restoreArgs);
  const interrupted = interruption();
  const progress = makeProgress(json ? process.stderr : process.stdout);
  const reports: DrillReport[] = [];
  let failure: unknown;
  let step = 0;
  try {
    await runDrills({
      ...{ topology, patroni: patroniOf(topology), journal, kinds: wanted, runs, settings },
      ...{ signal: interrupted, random: Math.random },
      say: (detail) => progress({ kind: 'say', detail }),
      onRun: (kind) => {
        step += 1;
        progress({ kind: 'begin', index: step, total: wanted.length * runs, title: kinds[kind].title });
      },
      onRunDone: (_, run) => progress({ kind: 'done', detail: runLine(run) }),
      onReport: (report) => {
        reports.push(report);
        const paths = storeReport(reportsDirectory(topology), report, reportPage(report));
        say(`\n${terminalReport(report)}\n\nReport: ${paths.html}\n`);
      },
    });
  } catch (error) {
    failure = error;
    progress({ kind: 'failed', message: forPeople(error) });
    console.error(`submilli: ${forPeople(error)}`);
  }
  if (json) console.log(JSON.stringify(asked === 'all' ? reports : reports[0], null, 2));
  return exitOf(failure, interrupted, reports);
};

const exitOf = (failure: unknown, interrupted: AbortSignal, reports: readonly DrillReport[]): number => {
  if (failure instanceof NotRestored) return EXIT.notRestored;
  if (reports.some(({ verdict }) => !verdict.passed)) return EXIT.failed;
  if (interrupted.aborted) return EXIT.interrupted;
  return failure === undefined ? EXIT.passed : EXIT.refused;
};

/** Fires at the first Ctrl-C; restoring goes on then, however often it is pressed. */
const interruption = (): AbortSignal => {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) console.error('\nStopping: what was done is taken back first.');
      controller.abort(new SubmilliError({ what: 'interrupted' }));
    });
  }
  return controller.signal;
};

const chosen = (asked: DrillKind | 'all', topology: Topology, say: (line: string) => void): DrillKind[] => {
  if (asked !== 'all') {
    const refusal = refusalOf(asked, topology);
    if (refusal !== undefined) throw new SubmilliError({ what: refusal });
    return [asked];
  }
  return drillKinds.filter((kind) => {
    const refusal = refusalOf(kind, topology);
    if (refusal !== undefined) say(`Left out: ${refusal}.`);
    return refusal === undefined;
  });
};

const confirm = async ({ confirmation, topology }: Performance, wanted: readonly DrillKind[]): Promise<void> => {
  if (confirmation === 'none') return;
  const { cluster } = topology;
  if (!process.stdin.isTTY) {
    const hint = confirmation === 'yes' ? 'Say --yes.' : `Say --confirm ${cluster}.`;
    throw new SubmilliError({ what: 'a drill breaks things, and there is nobody to ask', hint });
  }
  const what = `Break ${cluster} (${wanted.join(', ')})? Its clients will feel it.`;
  const agreed =
    confirmation === 'yes'
      ? await saysYes(what)
      : (await answerTo(`${what}\nThe name of the cluster, to go on: `)) === cluster;
  if (!agreed) throw new SubmilliError({ what: 'nothing was done' });
};
