import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { type DrillKind, drillKinds, loadConfig, SubmilliError } from '@submilli/core';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';
import { topologyOfCluster } from '../drill/configured';
import { kinds } from '../drill/kinds';
import { patroniOf } from '../drill/patroni';
import { perform, type Performance } from '../drill/perform';
import { figuresOf, lastOfEach, markdownTable, replaceTable } from '../drill/report/markdown';
import { readReports } from '../drill/report/store';
import { restoreLeft } from '../drill/restore';
import { reportsDirectory, stackState, topologyOfStack, type Topology } from '../drill/topology';
import { askSupervisor } from '../stack/control';
import { inputClosed } from './input-closed';
import { writeFile } from '../stack/files';
import { layoutOf } from '../stack/layout';
import { exitWith } from '../exit';
import { stateDirectoryOf } from '../state-directory';
import { configOption } from './serve';
import { stateOption } from './stack';

/** Which cluster: a stack on this machine, or one of the configuration. */
type Where = {
  readonly state: string;
  readonly config: string;
  readonly cluster?: string;
  readonly database: string;
  readonly user: string;
  readonly passwordFile?: string;
  readonly patroniUser?: string;
  readonly patroniPasswordFile?: string;
  readonly pool?: string;
  readonly poolAdmin?: string;
  readonly poolAdminPasswordFile?: string;
  readonly break?: string;
  readonly mend?: string;
};

type Flags = Where & {
  readonly runs: number;
  readonly set: Record<string, unknown>;
  readonly yes: boolean;
  readonly confirm?: string;
  readonly json: boolean;
};

export const drillCommand = (): Command =>
  withPlace(new Command('drill'))
    .enablePositionalOptions()
    .description('Break the cluster on purpose, while clients write, and say what it cost them.')
    .addArgument(new Argument('<kind>', 'what to do to it').choices([...drillKinds, 'all']))
    .option('-n, --runs <n>', 'how often, each on a healthy cluster', wholeNumber(1, 100), 1)
    .option('--set <key=value>', 'of Patroni’s configuration, for the time of the drill; may be repeated', setting, {})
    .option('-y, --yes', 'don’t ask, on a stack', false)
    .option('--confirm <name>', 'don’t ask, on a cluster of the configuration: its name once more')
    .option('--json', 'print the reports as JSON', false)
    .addHelpText('after', help())
    .action(async (kind: DrillKind | 'all', flags: Flags) => {
      await exitWith(await perform(await performanceOf(kind, flags)));
    })
    .addCommand(restoreCommand())
    .addCommand(tableCommand());

const withPlace = (command: Command): Command =>
  command
    .addOption(stateOption())
    .option('--cluster <name>', 'not the stack, but this cluster of the configuration')
    .addOption(configOption())
    .option('--database <name>', 'there: where the heartbeat table is made', 'postgres')
    .option('--user <name>', 'there: who makes it and writes to it', 'submilli_drill')
    .option('--password-file <file>', 'there: their password')
    .option('--patroni-user <name>', 'there: for what Patroni’s REST API asks a password for')
    .option('--patroni-password-file <file>', 'there: the password for that')
    .option('--pool <name>', 'there: an entry under pgbouncer, whose clients are measured too')
    .option('--pool-admin <name>', 'there: who may PAUSE it')
    .option('--pool-admin-password-file <file>', 'there: their password')
    .addOption(new Option('--break <command>', 'there: breaks {member} on {host}, as in "ssh {host} …"'))
    .addOption(new Option('--mend <command>', 'there: mends it again'));

const help = (): string => `
Kinds:
${drillKinds.map((kind) => `  ${kind.padEnd(16)} ${kinds[kind].does}`).join('\n')}
  ${'all'.padEnd(16)} each of these that can be done to this cluster

Clients write every 10 ms on each path: through the pool, to whichever member takes writes, and to the old primary's
address. Each acknowledged write is looked for in the end. A drill starts on a healthy cluster only, takes back what it
did, also after Ctrl-C or its own death, and keeps its report (JSON and a page) in the exporters' state directory.

Examples:
  submilli drill switchover                               # on the stack of npm start: asks first
  submilli drill all --runs 3 --yes --json > drills.json

On a cluster of the configuration Patroni does the switchover; any other kind takes --break and --mend:
  submilli drill node-loss --cluster main --user drill --password-file secrets/drill \\
    --break 'ssh {host} sudo systemctl kill -s KILL patroni postgresql' --mend 'ssh {host} sudo systemctl start patroni'

Exit status: 0 passed; 1 could not be run; 2 failed: a write was lost, two members wrote at the same time, or a path did
not recover; 3 the cluster is not whole again; 130 interrupted, and restored.
`;

const performanceOf = async (asked: DrillKind | 'all', flags: Flags): Promise<Performance> => ({
  ...{ asked, runs: flags.runs, settings: flags.set, json: flags.json },
  topology: await topologyFor(flags),
  confirmation:
    flags.cluster === undefined ? (flags.yes ? 'none' : 'yes') : flags.confirm === flags.cluster ? 'none' : 'name',
  restoreArgs: restoreArgsOf(flags),
});

const topologyFor = (where: Where): Promise<Topology> =>
  where.cluster === undefined ? Promise.resolve(stackTopology(where.state)) : clusterTopology(where.cluster, where);

const stackTopology = (state: string): Topology => {
  const layout = layoutOf(resolve(state));
  return topologyOfStack(layout, async (name) => {
    await askSupervisor(stackState(layout).socket, { command: 'start', name });
  });
};

const clusterTopology = (cluster: string, where: Where): Promise<Topology> => {
  const config = loadConfig(where.config);
  if ((where.break === undefined) !== (where.mend === undefined)) {
    throw new SubmilliError({ what: '--break and --mend go together: what is broken must be mended' });
  }
  return topologyOfCluster(config, {
    ...{ cluster, database: where.database, user: where.user, passwordFile: where.passwordFile },
    ...{ patroniUser: where.patroniUser, patroniPasswordFile: where.patroniPasswordFile },
    ...{ pool: where.pool, poolAdmin: where.poolAdmin, poolAdminPasswordFile: where.poolAdminPasswordFile },
    hooks: where.break === undefined || where.mend === undefined ? undefined : { break: where.break, mend: where.mend },
    stateDirectory: stateDirectoryOf(config.state_directory, process.env, homedir()),
  });
};

/** The same place, for `drill restore`. Names of files with secrets, never secrets. */
const restoreArgsOf = (where: Where): string[] => {
  if (where.cluster === undefined) return ['--state', resolve(where.state)];
  const optional = {
    '--password-file': where.passwordFile,
    '--patroni-user': where.patroniUser,
    '--patroni-password-file': where.patroniPasswordFile,
    '--pool': where.pool,
    '--pool-admin': where.poolAdmin,
    '--pool-admin-password-file': where.poolAdminPasswordFile,
  };
  return [
    ...['--cluster', where.cluster, '--config', where.config, '--database', where.database, '--user', where.user],
    ...Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  ];
};

const restoreCommand = (): Command =>
  withPlace(new Command('restore'))
    .description('Take back what a drill that was cut off has left.')
    .addOption(new Option('--after-death', 'wait until the drill that started this has ended').hideHelp())
    .addHelpText('after', restoreHelp)
    .action(async (flags: Where & { afterDeath?: boolean }) => {
      if (flags.afterDeath === true) await inputClosed();
      const topology = await topologyFor(flags);
      const did = await restoreLeft(topology, patroniOf(topology), (line) => console.log(line));
      console.log(did ? 'Restored.' : 'There is nothing to restore.');
      await exitWith(0);
    });

const restoreHelp = `
A drill does this itself, also when it is killed: this is for when all that watched over it was killed with it.

Examples:
  submilli drill restore
  submilli drill restore --cluster main --user drill --password-file secrets/drill

Exit status: 0 all is as it was, or there was nothing to take back; 1 it could not be done.
`;

type TableFlags = {
  readonly state: string;
  readonly reports?: string;
  readonly keep?: string;
  readonly write?: string;
  readonly json: boolean;
};

const tableCommand = (): Command =>
  new Command('table')
    .description('The last report of each kind as a Markdown table.')
    .addOption(stateOption())
    .option(
      '--reports <path>',
      'where the reports are, if not in the stack’s state: a directory, or a file kept before',
    )
    .option('--keep <file>', 'keep the figures it is made from in this file, as JSON')
    .option('--write <file>', 'put it between the markers of this file')
    .option('--json', 'print the figures it is made from as JSON', false)
    .addHelpText('after', tableHelp)
    .action(({ state, reports, keep, write, json }: TableFlags) => {
      const stack = reportsDirectory({ stateDirectory: layoutOf(resolve(state)).dirOf('exporters') });
      const all = lastOfEach(readReports(reports ?? stack));
      if (keep !== undefined) writeFile(keep, `${JSON.stringify(all.map(figuresOf), null, 1)}\n`, undefined, 0o644);
      const table = markdownTable(all);
      if (json) console.log(JSON.stringify(all.map(figuresOf), null, 2));
      else if (write === undefined) console.log(table);
      else writeFile(write, replaceTable(readFileSync(write, 'utf8'), table, write), undefined, 0o644);
    });

const tableHelp = `
Examples:
  submilli drill table                                              # from the reports of the stack
  submilli drill table --keep docs/drills.json --write docs/drills.md
  submilli drill table --reports docs/drills.json --json

Exit status: 0 printed, or written; 1 reports or the file could not be read.
`;

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
