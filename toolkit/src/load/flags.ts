import { SubmilliError } from '@submilli/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { configOption } from '../commands/serve';
import { stateOption } from '../commands/stack';
import { answerTo } from '../stack/question';
import { markStatement } from './conditions';
import type { Place, PlaceFlags } from './place';
import { promiseArgument } from './promises';
import type { Promises, Via } from './report/schema';

export type CommonFlags = {
  readonly state: string;
  readonly config: string;
  readonly target?: string;
  readonly pool?: string;
  readonly database?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly yesOn?: string;
  readonly via?: Via | 'both';
  readonly profile: string;
  readonly protocol: 'simple' | 'extended' | 'prepared';
  readonly promise?: Promises['latency'];
  readonly errors?: number;
  readonly pgbench?: string;
  readonly json: boolean;
  readonly html?: string;
};

/** Where the load goes, for every command that finds it again. */
export const withPlace = (command: Command): Command =>
  command
    .addOption(stateOption())
    .option('-t, --target <name>', 'not the stack, but this entry under postgres in the configuration: the primary')
    .addOption(configOption())
    .option('--pool <name>', 'there: the entry under pgbouncer that is the pool before it')
    .option('-d, --database <name>', 'there: which database; that of the entry if not said')
    .option('--user <name>', 'there: whose load it is; a role of the application’s')
    .option('--password-file <file>', 'there: the file with their password');

/** What is done to it, and how it is judged. */
export const withLoad = (command: Command, vias: readonly string[]): Command =>
  withPlace(command)
    .option('--profile <name>', 'what clients do: a profile, or a file of pgbench', 'trading')
    .addOption(new Option('--via <way>', 'which way they come').choices(vias))
    .addOption(
      new Option('--protocol <name>', 'of PostgreSQL; prepared needs PgBouncer 1.21')
        .choices(['simple', 'extended', 'prepared'])
        .default('simple'),
    )
    .addOption(
      new Option(
        '--promise <pN=time>',
        'of latency, as in p99=2.5ms, in place of the usual; may be repeated',
      ).argParser(promiseArgument),
    )
    .option('--errors <percent>', 'of transactions that may fail; thresholds: rollback_ratio_warning', percent)
    .option('--yes-on <database>', 'its name once more, where it is not marked for load tests')
    .option('--pgbench <file>', 'the program; the newest that is installed')
    .option('--html <file>', 'where the page goes; into loads in the exporters’ state directory if not said')
    .option('--json', 'print the report as JSON', false);

export const placeFlags = (flags: CommonFlags): PlaceFlags => ({
  ...{ state: flags.state, config: flags.config, target: flags.target, pool: flags.pool },
  ...{ database: flags.database, user: flags.user, passwordFile: flags.passwordFile },
});

/** The same place, for `load clean`. Names of files with secrets, never secrets. */
export const placeArgs = (flags: PlaceFlags): string[] =>
  Object.entries({
    '--state': flags.target === undefined ? flags.state : undefined,
    '--target': flags.target,
    '--config': flags.target === undefined ? undefined : flags.config,
    '--pool': flags.pool,
    '--database': flags.database,
    '--user': flags.user,
    '--password-file': flags.passwordFile,
  }).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));

/** Nobody loads by mistake what others work with: its owner has marked it, or somebody says its name. */
export const confirmOn =
  ({ server }: Place, yesOn: string | undefined) =>
  async (isMarked: boolean): Promise<void> => {
    const { database } = server;
    if (isMarked || yesOn === database) return;
    if (yesOn !== undefined) throw new SubmilliError({ what: `--yes-on ${yesOn} is not ${database}` });
    if (!process.stdin.isTTY) {
      throw new SubmilliError({
        what: `${database} is not marked for load tests, and there is nobody to ask`,
        hint: `Say --yes-on ${database}; or its owner marks it, once: ${markStatement(database)}`,
      });
    }
    const question = `${database} is not marked for load tests: whoever works with it will feel this.\nIts name, to go on: `;
    if ((await answerTo(question)) !== database) throw new SubmilliError({ what: 'nothing was done' });
  };

export const viasOf = (wanted: Via | 'both' | undefined, place: Place): Via[] => {
  const hasPool = place.pool !== undefined;
  if ((wanted === 'pool' || wanted === 'both') && !hasPool) {
    const hint = place.isStack ? 'The embedded stack has none.' : 'Name its entry under pgbouncer with --pool.';
    throw new SubmilliError({ what: 'there is no pool to go through', hint });
  }
  if (wanted === undefined || wanted === 'both') return hasPool ? ['direct', 'pool'] : ['direct'];
  return [wanted];
};

/** Fires at the first Ctrl-C; cleaning up goes on then, however often it is pressed. */
export const interruption = (): AbortSignal => {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted)
        console.error('\nStopping: the load is taken away, and all that was made for it.');
      controller.abort(new SubmilliError({ what: 'interrupted; nothing is left of it' }));
    });
  }
  return controller.signal;
};

export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`A whole number from ${min} to ${max}, please.`);
  };

export const positive =
  (max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (value > 0 && value <= max) return value;
    throw new InvalidArgumentError(`A number above 0, up to ${max}, please.`);
  };

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError('A number from 0 to 100, please.');
}
