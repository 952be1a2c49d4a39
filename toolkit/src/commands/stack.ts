import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SubmilliError } from '@submilli/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { askSupervisor } from '../stack/control';
import { play } from '../embedded/player';
import { exitWith } from '../exit';
import { eventsToParent, startDetached } from '../stack/detached';
import { followPrimary } from '../stack/follow-primary';
import { checkout, layoutOf } from '../stack/layout';
import { stopLeftovers } from '../stack/leftovers';
import { makeProgress } from '../stack/progress';
import { readState, type StackState, supervisorAlive } from '../stack/state';
import { statusTable, upReport } from '../stack/table';
import { workloadScripts } from '../stack/workload';
import { alreadyRuns, prepareKind, runStack, type UpOptions } from '../stack/up';

export const stateOption = (): Option =>
  new Option('--state <dir>', 'where all of the stack’s state lives')
    .env('SUBMILLI_STATE')
    .default(join(checkout, '.stack'), '.stack in the checkout');

export const stackCommand = (): Command =>
  new Command('stack')
    .description(
      'A whole system on this machine: PostgreSQL cluster, pool, workload, exporters, Prometheus, Alertmanager.',
    )
    .addCommand(upCommand())
    .addCommand(statusCommand())
    .addCommand(logsCommand())
    .addCommand(downCommand())
    .addCommand(serviceCommand('start', 'Start one service again and wait until it is ready.'))
    .addCommand(serviceCommand('stop', 'Stop one service.'))
    .addCommand(followCommand(), { hidden: true })
    .addCommand(playCommand(), { hidden: true });

type UpFlags = {
  readonly state: string;
  readonly rate: number;
  readonly workload: boolean;
  readonly backupEvery: number;
  readonly backups: boolean;
  readonly preview: boolean;
  readonly webhook?: string;
  readonly processes: 1 | 4;
  readonly embedded: boolean;
  readonly hosts: boolean;
  readonly routes: boolean;
  readonly yes: boolean;
  readonly detach: boolean;
  readonly supervise: boolean;
};

const upCommand = (): Command =>
  new Command('up')
    .description('Start it. Ctrl-C stops all of it.')
    .option('-y, --yes', 'install missing Debian packages without asking', false)
    .option('-d, --detach', 'return when it is up', false)
    .option('--embedded', 'PostgreSQL from npm’s binaries instead of Debian’s packages', false)
    .option('--hosts', 'the members on hosts of their own: network namespaces, as root on Linux', false)
    .option('--routes', 'with HAProxy and more pools, to compare the ways to the primary', false)
    .option('--rate <tps>', 'transactions per second of the workload', wholeNumber(1, 10_000), 200)
    .option('--no-workload', 'no workload')
    .option('--backup-every <seconds>', 'between incremental backups', wholeNumber(10, 86_400), 900)
    .option('--no-backups', 'neither backups nor an archive of WAL')
    .option('--no-preview', 'no preview of the Grafana app on port 3000')
    .option('--webhook <url>', 'tell this address of alerts; on this machine only', loopbackUrl)
    .addOption(new Option('--processes <n>', 'exporters in one process or in four').choices(['1', '4']).default('1'))
    .addOption(stateOption())
    .addOption(new Option('--supervise').hideHelp())
    .addHelpText('after', upHelp)
    .action(async (flags: UpFlags) => {
      await up(flags);
    });

const up = async (flags: UpFlags): Promise<void> => {
  const say = (line: string): void => console.log(line);
  const options: UpOptions = {
    ...{ state: resolve(flags.state), from: process.cwd(), rate: flags.workload ? flags.rate : 0 },
    backupEvery: flags.backups ? flags.backupEvery : 0,
    ...{ processes: Number(flags.processes) === 4 ? 4 : 1, embedded: flags.embedded, yes: flags.yes },
    ...{ preview: flags.preview, webhook: flags.webhook, hosts: flags.hosts, routes: flags.routes },
  };
  if (options.hosts && options.embedded) throw new SubmilliError({ what: 'the embedded stack has no hosts' });
  if (options.routes && options.embedded) throw new SubmilliError({ what: 'the embedded stack has no pool' });
  if (flags.supervise) {
    const { emit, failed } = eventsToParent();
    try {
      await exitWith(await runStack(options, await prepareKind(options, say), emit));
    } catch (error) {
      failed(error);
      throw error;
    }
  }
  if (await alreadyRuns(options.state, say)) return;
  const kind = await prepareKind(options, say);
  const emit = makeProgress(process.stdout);
  if (flags.detach) {
    await startDetached(options.state, argsOf(options, kind), emit);
    await exitWith(0);
  }
  await exitWith(await runStack(options, kind, emit));
};

const argsOf = (options: UpOptions, kind: 'debian' | 'embedded'): string[] => [
  ...['--yes', '--state', options.state, '--processes', String(options.processes)],
  ...(options.rate === 0 ? ['--no-workload'] : ['--rate', String(options.rate)]),
  ...(options.backupEvery === 0 ? ['--no-backups'] : ['--backup-every', String(options.backupEvery)]),
  ...(options.preview ? [] : ['--no-preview']),
  ...(options.webhook === undefined ? [] : ['--webhook', options.webhook]),
  ...(options.hosts ? ['--hosts'] : []),
  ...(options.routes ? ['--routes'] : []),
  ...(kind === 'embedded' ? ['--embedded'] : []),
];

const statusCommand = (): Command =>
  new Command('status')
    .description('What runs where, and how it is.')
    .addOption(stateOption())
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', '\nExit status: 0 all is well; 1 something is not; 3 no stack runs here.\n')
    .action(async ({ state, json }: { state: string; json: boolean }) => {
      const running = runningState(state);
      if (running === undefined) {
        console.log(json ? '{"phase":"down"}' : 'No stack runs here. Start one with: npm start');
        process.exitCode = 3;
        return;
      }
      const { status } = await askSupervisor(running.socket, { command: 'status' });
      if (status === undefined) throw new SubmilliError({ what: 'the supervisor gave no status' });
      console.log(
        json ? JSON.stringify(status, null, 2) : status.phase === 'up' ? upReport(status) : statusTable(status),
      );
      process.exitCode = status.phase === 'up' && status.services.every(({ healthy }) => healthy) ? 0 : 1;
    });

const downCommand = (): Command =>
  new Command('down')
    .description('Stop all of it, in good order.')
    .addOption(stateOption())
    .addHelpText('after', downHelp)
    .action(async ({ state }: { state: string }) => {
      const layout = layoutOf(resolve(state));
      const recorded = readState(layout);
      if (recorded === undefined) {
        console.log('No stack runs here.');
        return;
      }
      if (supervisorAlive(recorded)) {
        await askSupervisor(recorded.socket, { command: 'down' });
        await untilEnded(recorded);
      } else {
        console.log('Its supervisor was killed: stopping what it left running.');
        await stopLeftovers(layout, recorded);
      }
      console.log('Everything is stopped.');
    });

const untilEnded = async (recorded: StackState): Promise<void> => {
  for (let look = 0; look < 100 && supervisorAlive(recorded); look += 1) await sleep(50);
};

const serviceCommand = (command: 'start' | 'stop', description: string): Command =>
  new Command(command)
    .description(description)
    .argument('<name>', 'as in the table')
    .addOption(stateOption())
    .addHelpText('after', serviceHelp)
    .action(async (name: string, { state }: { state: string }) => {
      const running = runningState(state);
      if (running === undefined) throw notRunning();
      await askSupervisor(running.socket, { command, name });
      console.log(command === 'start' ? `${name} runs.` : `${name} is stopped.`);
    });

const logsCommand = (): Command =>
  new Command('logs')
    .description('What the services wrote: of one, or the last lines of each.')
    .argument('[name]', 'as in the table; "stack" is the supervisor')
    .addOption(stateOption())
    .option('-n, --lines <n>', 'how many lines', wholeNumber(1, 100_000), 20)
    .option('-f, --follow', 'go on as more is written', false)
    .addHelpText('after', logsHelp)
    .action(async (name: string | undefined, flags: { state: string; lines: number; follow: boolean }) => {
      const layout = layoutOf(resolve(flags.state));
      const known = readState(layout)?.services.map((service) => service.name) ?? [];
      if (name !== undefined && !existsSync(layout.logOf(name))) {
        throw new SubmilliError({
          what: `there is no log of ${name}`,
          hint: `There are: ${['stack', ...known].join(', ')}`,
        });
      }
      if (name === undefined && known.length === 0) throw notRunning();
      for (const one of name === undefined ? known : [name]) {
        if (name === undefined) console.log(`── ${one}`);
        process.stdout.write(lastLines(layout.logOf(one), flags.lines));
      }
      if (flags.follow && name !== undefined) await follow(layout.logOf(name));
    });

const CHUNK = 1024 * 1024;

const lastLines = (path: string, lines: number): string => {
  if (!existsSync(path)) return '';
  const { size } = statSync(path);
  const text = readFrom(path, Math.max(0, size - CHUNK));
  const kept = text.trimEnd().split('\n').slice(-lines).join('\n');
  return kept === '' ? '' : `${kept}\n`;
};

const readFrom = (path: string, offset: number): string => {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(CHUNK);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, CHUNK, offset));
  } finally {
    closeSync(file);
  }
};

const follow = async (path: string): Promise<never> => {
  let offset = statSync(path).size;
  for (;;) {
    await sleep(200);
    const { size } = statSync(path);
    if (size < offset) offset = 0;
    const text = readFrom(path, offset);
    process.stdout.write(text);
    offset += Buffer.byteLength(text);
  }
};

const runningState = (state: string): StackState | undefined => {
  const recorded = readState(layoutOf(resolve(state)));
  return recorded !== undefined && supervisorAlive(recorded) ? recorded : undefined;
};

const notRunning = (): SubmilliError =>
  new SubmilliError({ what: 'no stack runs here', hint: 'Start one with: npm start' });

type FollowFlags = {
  readonly include: string;
  readonly console: string;
  readonly passwordFile: string;
  readonly member: readonly string[];
  readonly database: string;
  readonly caFile?: string;
};

/** The process that keeps the pool pointed at the primary; started by the stack. */
const followCommand = (): Command =>
  new Command('follow-primary')
    .requiredOption('--include <file>')
    .requiredOption('--console <address>')
    .requiredOption('--password-file <file>')
    .requiredOption('--member <url,address...>')
    .option('--database <name>', 'the application’s', 'grandmodel')
    .option('--ca-file <file>', 'whom to trust, when members and console speak TLS')
    .action(async (flags: FollowFlags) => {
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
      const at = (address: string) => ({ host: address.split(':')[0] ?? '', port: Number(address.split(':')[1]) });
      await followPrimary({
        members: flags.member.map((text) => {
          const [restUrl = '', address = ''] = text.split(',');
          return { restUrl, ...at(address) };
        }),
        includeFile: flags.include,
        database: flags.database,
        tls: flags.caFile === undefined ? undefined : { caFile: flags.caFile },
        console: { ...at(flags.console), user: 'pgbouncer', passwordFile: flags.passwordFile },
        log: (line) => console.log(`${new Date().toISOString()} ${line}`),
        signal: stop.signal,
      });
    });

/** The embedded stack's workload; started by the stack. */
const playCommand = (): Command =>
  new Command('play-workload')
    .requiredOption('--port <port>', 'of the primary', wholeNumber(1, 65_535))
    .requiredOption('--rate <tps>', 'transactions per second', wholeNumber(1, 10_000))
    .requiredOption('--password-file <file>')
    .action(async ({ port, rate, passwordFile }: { port: number; rate: number; passwordFile: string }) => {
      const password = readFileSync(passwordFile, 'utf8').trim();
      const client = { host: '127.0.0.1', port, user: 'trading', password, database: 'grandmodel' };
      const log = (line: string): void => console.log(line);
      await play({ scripts: workloadScripts(), client, clients: 8, rate, seconds: 600, log });
    });

/** Alerts name servers, users and databases: they are nobody else's business. */
const loopbackUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url?.hostname ?? '');
  if (url?.protocol === 'http:' && isLocal && url.username === '') return text;
  throw new InvalidArgumentError('An http:// URL on 127.0.0.1, localhost or [::1], please.');
};

const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`A whole number from ${min} to ${max}, please.`);
  };

const upHelp = `
It asks before it installs Debian packages, and never starts or enables a service of this machine.

Examples:
  submilli stack up                                  until Ctrl-C
  submilli stack up --detach --yes --rate 20         returns when all is up: then stack status, stack logs, stack down

Exit status: 0 it was told to stop, or, with --detach, is up; 1 it did not come up, or a service could not go on.
`;

const logsHelp = `
Examples:
  submilli stack logs                       the last lines of each service
  submilli stack logs pg1 --follow

Exit status: 0 shown; 1 there is no such log, or no stack.
`;

const downHelp = `
Exit status: 0 everything is stopped, or nothing ran; 1 something could not be stopped.
`;

const serviceHelp = `
Exit status: 0 it runs, or is stopped; 1 there is no such service, or no stack, or it did not come up.
`;
