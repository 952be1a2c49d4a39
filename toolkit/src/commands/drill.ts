import { resolve } from 'node:path';
import { type DrillKind, drillKinds, type DrillReport, forPeople, SubmilliError } from '@submilli/core';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { createInterface } from 'node:readline/promises';
import { parse } from 'yaml';
import { refusalOf, runDrills } from '../drill/drill';
import { kinds } from '../drill/kinds';
import { patroniOf } from '../drill/patroni';
import { reportPage } from '../drill/report/page';
import { storeReport } from '../drill/report/store';
import { runLine, terminalReport } from '../drill/report/terminal';
import { restoreLeft, startGuard } from '../drill/restore';
import { reportsDirectory, stackState, topologyOfStack, type Topology } from '../drill/topology';
import { openUndoJournal } from '../drill/undo';
import { askSupervisor } from '../stack/control';
import { layoutOf } from '../stack/layout';
import { makeProgress } from '../stack/progress';
import { stateOption } from './stack';

/** Scripts can tell apart whether nothing was done, something was lost, or something is left. */
const EXIT = { refused: 1, failed: 2, notRestored: 3, interrupted: 130 } as const;

type Flags = {
  readonly state: string;
  readonly runs: number;
  readonly set: Record<string, unknown>;
  readonly yes: boolean;
  readonly json: boolean;
};

export const drillCommand = (): Command =>
  new Command('drill')
    .enablePositionalOptions()
    .description('Break the cluster on purpose, while clients write, and say what it cost them.')
    .addArgument(new Argument('<kind>', 'what to do to it').choices([...drillKinds, 'all']))
    .option('-n, --runs <n>', 'how often, each on a healthy cluster', wholeNumber(1, 100), 1)
    .option('--set <key=value>', 'of Patroni’s configuration, for the time of the drill; may be repeated', setting, {})
    .option('-y, --yes', 'don’t ask', false)
    .option('--json', 'print the reports as JSON', false)
    .addOption(stateOption())
    .addHelpText('after', help())
    .action(async (kind: DrillKind | 'all', flags: Flags) => {
      await drill(kind, flags);
    })
    .addCommand(restoreCommand());

const help = (): string => `
Kinds:
${drillKinds.map((kind) => `  ${kind.padEnd(16)} ${kinds[kind].does}`).join('\n')}
  ${'all'.padEnd(16)} each of these that can be done to this cluster

Clients write every 10 ms on each path: through the pool, to whichever member takes writes, and to the old primary's
address. Each acknowledged write is looked for in the end. A drill starts on a healthy cluster only, takes back what it
did, also after Ctrl-C, and keeps its report (JSON and a page) in the exporters' state directory.

Exit status: 0 passed; 1 could not be run; 2 failed: a write was lost, two members wrote at the same time, or a path did
not recover; 3 the cluster is not whole again; 130 interrupted, and restored.
`;

const drill = async (asked: DrillKind | 'all', flags: Flags): Promise<void> => {
  const layout = layoutOf(resolve(flags.state));
  const topology = stackTopology(flags.state);
  const patroni = patroniOf(topology);
  const say = (line: string): void => (flags.json ? console.error(line) : console.log(line));
  const wanted = chosen(asked, topology, say);
  await confirm(wanted, flags, topology);
  const journal = openUndoJournal(topology.workDirectory);
  startGuard(['--state', layout.state]);
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort(new SubmilliError({ what: 'interrupted' }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const progress = makeProgress(flags.json ? process.stderr : process.stdout);
  const reports: DrillReport[] = [];
  let step = 0;
  try {
    await runDrills({
      ...{ topology, patroni, journal, kinds: wanted, runs: flags.runs, settings: flags.set },
      ...{ signal: interrupted.signal, random: Math.random },
      say: (detail) => progress({ kind: 'say', detail }),
      onRun: (kind) => {
        step += 1;
        progress({ kind: 'begin', index: step, total: wanted.length * flags.runs, title: kinds[kind].title });
      },
      onRunDone: (_, run) => progress({ kind: 'done', detail: runLine(run) }),
      onReport: (report) => {
        reports.push(report);
        const paths = storeReport(reportsDirectory(topology), report, reportPage(report));
        say(`\n${terminalReport(report)}\n\nReport: ${paths.html}\n`);
      },
    });
  } catch (error) {
    progress({ kind: 'failed', message: forPeople(error) });
    console.error(`submilli: ${forPeople(error)}`);
    process.exit(
      interrupted.signal.aborted ? EXIT.interrupted : journal.steps().length > 0 ? EXIT.notRestored : EXIT.refused,
    );
  }
  if (flags.json) console.log(JSON.stringify(asked === 'all' ? reports : reports[0], null, 2));
  process.exit(reports.every(({ verdict }) => verdict.passed) ? 0 : EXIT.failed);
};

const stackTopology = (state: string): Topology => {
  const layout = layoutOf(resolve(state));
  return topologyOfStack(layout, async (name) => {
    await askSupervisor(stackState(layout).socket, { command: 'start', name });
  });
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

const confirm = async (wanted: readonly DrillKind[], { yes }: Flags, { cluster }: Topology): Promise<void> => {
  if (yes || !process.stdin.isTTY) return;
  const rl = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await rl.question(`Break ${cluster} (${wanted.join(', ')})? Its clients will feel it. [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new SubmilliError({ what: 'nothing was done' });
  } finally {
    rl.close();
  }
};

const restoreCommand = (): Command =>
  new Command('restore')
    .description('Take back what a drill that was cut off has left.')
    .addOption(stateOption())
    .addOption(new Option('--after-death', 'wait until the drill that started this has ended').hideHelp())
    .action(async ({ state, afterDeath }: { state: string; afterDeath?: boolean }) => {
      if (afterDeath === true) await inputClosed();
      const topology = stackTopology(state);
      const did = await restoreLeft(topology, patroniOf(topology), (line) => console.log(line));
      console.log(did ? 'Restored.' : 'There is nothing to restore.');
      process.exit(0);
    });

const inputClosed = (): Promise<void> =>
  new Promise((done) => {
    process.stdin
      .on('end', done)
      .on('close', done)
      .on('error', () => done());
    process.stdin.resume();
  });

function setting(text: string, before: Record<string, unknown>): Record<string, unknown> {
  const [, key, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('As in ttl=5, please.');
  return { ...before, [key]: parse(value) as unknown };
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`A whole number from ${min} to ${max}, please.`);
  };
}
