import { getPriority, setPriority } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { keepBackups, type Kept } from '../backup/keep';
import { servicesAccount } from '../debian/account';
import { exec } from '../stack/exec';
import { get } from '../stack/http';

type ScheduleFlags = {
  readonly stanza: string;
  readonly member: readonly string[];
  readonly caFile?: string;
  readonly program: string;
  readonly full: number;
  readonly incremental: number;
  readonly delay: number;
};

/** Behind what serves clients, for the processor. */
const NICE = 10;
const ANSWER_MS = 2000;

export const scheduleCommand = (): Command =>
  new Command('schedule')
    .description('Make backups when they are due, on the machine of the primary. Runs until it is stopped.')
    .requiredOption('--stanza <name>', 'pgBackRest’s name of the cluster')
    .requiredOption('--member <url,file...>', 'Patroni’s REST API of a member of this machine, its pgbackrest.conf')
    .option('--ca-file <file>', 'whom to trust there')
    .option('--program <path>', 'pgBackRest', 'pgbackrest')
    .option('--full <seconds>', 'a full backup as long after the last', seconds, 7 * 86_400)
    .option('--incremental <seconds>', 'an incremental one as long after the last of any kind', seconds, 86_400)
    .option('--delay <seconds>', 'the first of them not before', seconds, 0)
    .addHelpText('after', help)
    .action(async (flags: ScheduleFlags) => {
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
      setPriority(Math.max(NICE, getPriority()));
      const { stanza, full, incremental, delay } = flags;
      const now = (): number => Date.now() / 1000;
      await keepBackups({
        members: flags.member.map((text) => keptOf(text, flags)),
        ...{ stanza, policy: { full, incremental, from: now() + delay } },
        ...{ signal: stop.signal, now, log: (line) => console.log(`${new Date().toISOString()} ${line}`) },
      });
    });

const help = `
How it logs in to PostgreSQL is in libpq’s environment: PGHOST, PGSSLMODE, PGSSLCERT, PGSSLKEY, …
It makes the stanza where there is none, and runs pgBackRest at low priority. What it does is a line on standard output.

Example:
  submilli backup schedule --stanza main --member https://10.0.0.11:8008,/etc/pgbackrest/pgbackrest.conf \\
    --ca-file /etc/submilli/ca.crt

Exit status: 0 it was told to stop, by SIGTERM or Ctrl-C; 2 the command line is wrong.
`;

const keptOf = (text: string, { stanza, program, caFile }: ScheduleFlags): Kept => {
  const [url = '', config = ''] = text.split(/,(.*)/s);
  const account = servicesAccount();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('PG')));
  return {
    name: /([^/]+)\.conf$/.exec(config)?.[1] ?? config,
    leads: (signal) => {
      const bound = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
      const tls = caFile === undefined ? undefined : { caFile };
      // Who does not answer does not lead, as far as backups are concerned.
      return get(`${url}/primary`, bound, tls).then(
        ({ status }) => status === 200,
        () => false,
      );
    },
    pgbackrest: (args, signal) =>
      exec(program, [`--config=${config}`, `--stanza=${stanza}`, ...args], {
        ...{ purpose: `pgbackrest ${args.find((arg) => !arg.startsWith('--')) ?? ''}`, account, signal },
        env: env as Record<string, string>,
      }),
  };
};

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('A number of seconds, please.');
  return value;
}
