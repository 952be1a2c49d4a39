import { existsSync } from 'node:fs';
import { SubmilliError } from '@submilli/core';
import { Command, Option } from 'commander';
import { exitWith } from '../exit';
import { cleanAfterDeath, isScratch } from '../load/clean';
import { type CommonFlags, placeFlags, positive, viasOf, wholeNumber, withLoad, withPlace } from '../load/flags';
import { bounds, runLoad } from '../load/load';
import { perform, type Work } from '../load/perform';
import { findPlace } from '../load/place';
import { profileHelp } from '../load/profile';
import { reportPage } from '../load/report/page';
import type { LoadReport } from '../load/report/schema';
import { terminalReport } from '../load/report/terminal';
import { inputClosed } from './input-closed';

type Flags = CommonFlags & {
  readonly clients: number;
  readonly duration: number;
  readonly warmup: number;
  readonly rate?: number;
};

export const loadCommand = (): Command =>
  withLoad(new Command('load'), ['direct', 'pool', 'both'])
    .enablePositionalOptions()
    .description('Put a measured load on a database, and say how long transactions took against what was promised.')
    .option('--clients <n>', 'connections that work at the same time', wholeNumber(1, bounds.clients), 50)
    .option('--duration <s>', 'seconds that count, of each way', wholeNumber(1, bounds.seconds), 60)
    .option('--warmup <s>', 'seconds before, that do not', wholeNumber(0, bounds.warmupSeconds), 5)
    .option('--rate <tps>', 'transactions a second in all; as many as they can if not said', positive(bounds.rate))
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      await exitWith(await perform(flags, loadOf(flags), { page: reportPage, terminal: terminalReport }));
    })
    .addCommand(cleanCommand());

const loadOf =
  (flags: Flags): Work<LoadReport> =>
  async (common, stepOf) => {
    const via = viasOf(flags.via, common.place);
    return runLoad({
      ...{ ...common, via, clients: flags.clients, seconds: flags.duration, warmupSeconds: flags.warmup },
      ...{ rate: flags.rate, step: stepOf(via.length + Number(common.profile.ownTables)) },
    });
  };

const help = `
Profiles:
${profileHelp}
  FILE     a script of pgbench (pgbench --help; docs/load.md)

pgbench does it, with one log line for each transaction. Without --rate each client sends when it has its answer, which
says how much the system can do, and hides stalls; with --rate transactions are due at random moments of a steady pace,
and latency counts from then. Where the time went is asked of the exporters, if they run.

Bounds: ${bounds.clients} clients, ${bounds.seconds} s and ${bounds.warmupSeconds} s of warm-up; 30 s to connect and to end, then it is ended. Beside the stack,
only a database whose owner has marked it is loaded, or whose name is said with --yes-on:
  ALTER DATABASE app SET submilli.load_tests = 'allowed';

Examples:
  submilli load                                              # the stack, both ways, a minute each
  submilli load --via pool --rate 500 --promise p99=5ms      # would it hold?
  submilli load --target pg1 --pool pool --user app --password-file secrets/app --profile checkout.sql

Exit status: 0 all that was promised was kept; 1 something was not; 2 it could not be done; 130 interrupted.
Nothing is left behind: no table, no session, no file but the page.
`;

type CleanFlags = CommonFlags & { readonly afterDeath?: boolean; readonly scratch?: string };

const cleanCommand = (): Command =>
  withPlace(new Command('clean'))
    .description('Remove what a load has left that was killed with all that watched over it.')
    .addOption(new Option('--after-death', 'wait until the load that started this has ended').hideHelp())
    .addOption(new Option('--scratch <dir>', 'its files').hideHelp())
    .addHelpText('after', '\nExit status: 0 removed, or there was nothing to remove; 1 it could not be done.\n')
    .action(async (flags: CleanFlags) => {
      const { scratch } = flags;
      if (scratch !== undefined && !isScratch(scratch)) {
        throw new SubmilliError({ what: 'is no directory of a load', where: scratch });
      }
      if (flags.afterDeath === true) {
        await inputClosed();
        if (scratch === undefined || !existsSync(scratch)) return exitWith(0); // it has cleaned up itself
      }
      const did = await cleanAfterDeath(await findPlace(placeFlags(flags)), scratch);
      console.log(did ? 'Removed.' : 'There is nothing to remove.');
      await exitWith(0);
    });
