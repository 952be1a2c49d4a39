import { Command } from 'commander';
import { exitWith } from '../exit';
import { type CommonFlags, viasOf, wholeNumber, withLoad } from '../load/flags';
import { perform, type Work } from '../load/perform';
import { profileHelp } from '../load/profile';
import { stressPage, stressTerminal } from '../stress/report';
import type { StressReport } from '../stress/schema';
import { bounds, runStress } from '../stress/stress';

type Flags = CommonFlags & {
  readonly first: number;
  readonly most: number;
  readonly hold?: number;
  readonly stepDuration: number;
  readonly warmup: number;
  readonly recovery: number;
};

export const stressCommand = (): Command =>
  withLoad(new Command('stress'), ['direct', 'pool'])
    .description('Raise the load step by step to the knee and past it; say where it breaks, and how soon it recovers.')
    .option(
      '--first <n>',
      'clients of the first step, and of the calm after the last',
      wholeNumber(1, bounds.clients),
      1,
    )
    .option('--most <n>', 'clients that are not exceeded', wholeNumber(1, bounds.clients), 64)
    .option('--hold <n>', 'up to so many clients all that was promised is to be kept', wholeNumber(1, bounds.clients))
    .option('--step-duration <s>', 'seconds of a step that count', wholeNumber(2, bounds.stepSeconds), 10)
    .option('--warmup <s>', 'seconds of a step before, that do not', wholeNumber(0, bounds.warmupSeconds), 2)
    .option('--recovery <s>', 'seconds that it has to recover', wholeNumber(5, bounds.recoverySeconds), 30)
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      await exitWith(await perform(flags, stressOf(flags), { page: stressPage, terminal: stressTerminal }));
    });

const stressOf =
  (flags: Flags): Work<StressReport> =>
  async (common, stepOf) => {
    const vias = viasOf(flags.via, common.place);
    const most = Math.max(flags.first, flags.most);
    return runStress({
      ...{ ...common, most, via: vias.at(-1) ?? 'direct', first: flags.first, hold: flags.hold },
      ...{ stepSeconds: flags.stepDuration, warmupSeconds: flags.warmup, recoverySeconds: flags.recovery },
      step: stepOf(Number(common.profile.ownTables) + Math.ceil(Math.log2(most / flags.first)) + 2),
    });
  };

const help = `
Profiles:
${profileHelp}
  FILE     a script of pgbench (pgbench --help; docs/load.md)

Each step has twice the clients of the one before, each of which sends when it has its answer. The knee is the step with
the most power (throughput over response time): past it clients mostly wait for each other. It breaks at the first step
that misses a promise, or does a quarter less than a step before. Then the load is taken back to --first clients: it has
recovered when the median is as at the first step, for three stretches of time in a row.

Bounds and safety are those of submilli load: eleven steps, ${bounds.clients} clients, ${bounds.stepSeconds} s each, and nothing is left behind.

Examples:
  submilli stress                                       # the stack, through its pool, up to 64 clients
  submilli stress --via direct --profile write --most 32
  submilli stress --hold 50 --promise p99=10ms --json | jq '.knee, .breaking'

Exit status: 0 it recovered, and held what it was to hold; 1 it did not; 2 it could not be done; 130 interrupted.
`;
