import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, createLogger, forPeople, loadConfig, SubmilliError } from '@submilli/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { examine, openDoctor } from '../doctor/doctor';
import { stackState } from '../drill/topology';
import { type Audit, openAudit } from '../doctor/heal/audit';
import type { Healer } from '../doctor/heal/act';
import { heal } from '../doctor/heal/heal';
import { planOf } from '../doctor/judge/judge';
import type { Limits } from '../doctor/judge/sessions';
import { type Healing, watch } from '../doctor/watch';
import { doneLine, findingLine } from '../doctor/words';
import { layoutOf } from '../stack/layout';
import { makeProgress } from '../stack/progress';
import { stateDirectoryOf } from '../state-directory';
import { defaultConfigPath } from './serve';
import { exitWith } from '../exit';
import { stateOption } from './stack';

/** Scripts can tell apart whether something is wrong, and whether it could be looked at all. */
const EXIT = { well: 0, found: 1, blind: 2, interrupted: 130 } as const;

/** Acts in an hour, in --watch and out of it. */
const PER_SECONDS = 3600;
const AGAIN_SECONDS = 300;

type Flags = {
  readonly state: string;
  readonly config?: string;
  readonly look: number;
  readonly heal: boolean;
  readonly most: number;
  readonly minAge: number;
  readonly patience: number;
  readonly spare: readonly string[];
  readonly as?: string;
  readonly asPasswordFile?: string;
  readonly poolAdmin?: string;
  readonly poolAdminPasswordFile?: string;
  readonly audit?: string;
  readonly watch: boolean;
  readonly every: number;
  readonly json: boolean;
};

export const poolCommand = (): Command =>
  new Command('pool')
    .description('The connection pools: what is wrong with them, and what helps.')
    .addCommand(doctorCommand());

const doctorCommand = (): Command =>
  new Command('doctor')
    .description('Find pools that are stale, stuck or of the wrong size, and who holds transactions open.')
    .addOption(stateOption())
    .addOption(
      new Option('-c, --config <file>', 'not the stack, but the servers and pools of this configuration').env(
        'SUBMILLI_CONFIG',
      ),
    )
    .option('--look <s>', 'how long pools are watched, to judge their sizes', number(4, 600), 10)
    .option('--heal', 'do what is safe to do', false)
    .option('--most <n>', 'acts in an hour', number(1, 1000), 5)
    .option('--min-age <s>', 'no younger transaction is ended', number(1, 86_400), 60)
    .option('--patience <s>', 'for a cancelled statement to end, before its session is', number(1, 60), 5)
    .option(
      '--spare <role>',
      'never end a session of this role; may be repeated',
      (role: string, all: string[]) => [...all, role],
      [],
    )
    .option('--as <role>', 'who ends sessions: a member of pg_signal_backend')
    .option('--as-password-file <file>', 'the file with their password')
    .option('--pool-admin <name>', 'who may RECONNECT and RELOAD: of PgBouncer’s admin_users')
    .option('--pool-admin-password-file <file>', 'the file with their password')
    .option(
      '--audit <file>',
      'where acts are written down; pool-doctor.jsonl in the exporters’ state directory if not said',
    )
    .option('--watch', 'go on until SIGTERM, with a JSON line for what is new or gone', false)
    .option('--every <s>', 'with --watch: from look to look', number(2, 3600), 15)
    .option('--json', 'print what was found as JSON', false)
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      await exitWith(await run(flags));
    });

const help = `
Changes nothing without --heal. It sees PgBouncer’s console and pg_stat_activity with the exporters’ own role, and
judges by their rules and thresholds. One line for each finding: how bad, where, what, on what evidence, the remedy, and
what --heal would do about it.

--heal does this, and nothing else:
  stale server connections       RECONNECT: PgBouncer replaces each as soon as it is free
  a database led to a standby    RELOAD: PgBouncer reads its configuration again
  idle in a transaction          terminates the session (to cancel it would do nothing: nothing runs in it)
  a statement that has held up   cancels it; and ends its session if it still runs after --patience
  others for blocked_critical_seconds

Never a superuser’s session, a replication’s or a backup’s, one of Submilli’s own or of a role to --spare, nor one younger
than --min-age. Each act looks again in the same statement, and does nothing if the session has gone on. No more than
--most acts in an hour, those of earlier runs in the audit log with them; the same thing is not tried again for
${AGAIN_SECONDS} s. What will be done is on the disk before it is done.

Examples:
  submilli pool doctor                                      # the stack
  submilli pool doctor -c submilli.yml --json | jq -r '.findings[].title'
  submilli pool doctor -c submilli.yml --heal --as medic --as-password-file secrets/medic \\
    --pool-admin pgbouncer --pool-admin-password-file secrets/pgbouncer --watch --every 15

Exit status: 0 nothing is wrong, or it was healed; 1 something is; 2 somebody could not be looked at; 130 interrupted.
`;

const run = async (flags: Flags): Promise<number> => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop.abort(new SubmilliError({ what: 'interrupted' })));
  }
  try {
    const patient = patientOf(flags);
    const healing = flags.heal ? healingOf(flags, patient) : undefined;
    try {
      if (!flags.watch) return await once(flags, patient, healing, stop.signal);
      await keepWatching(flags, patient, healing, stop.signal);
      return EXIT.well;
    } finally {
      healing?.audit.close();
    }
  } catch (error) {
    console.error(`submilli: ${forPeople(error)}`);
    return stop.signal.aborted ? EXIT.interrupted : EXIT.blind;
  }
};

type Patient = { readonly config: Config; readonly isStack: boolean; readonly secretOf: (name: string) => string };

const patientOf = ({ state, config }: Flags): Patient => {
  if (config !== undefined) return { config: loadConfig(config), isStack: false, secretOf: () => '' };
  const layout = layoutOf(resolve(state));
  stackState(layout, `, or servers and pools with --config ${defaultConfigPath()}`);
  return { config: loadConfig(layout.exporterConfig), isStack: true, secretOf: layout.secretOf };
};

/** Ours, under whatever name; they only look, or prove that others could write. */
const ownRoles = ({ postgres, pgbouncer }: Config): string[] => [
  ...postgres.flatMap(({ user, canary }) => [user, ...(canary === undefined ? [] : [canary.user])]),
  ...pgbouncer.flatMap(({ user, probe }) => [user, ...(probe === undefined ? [] : [probe.user])]),
];

const limitsOf = ({ minAge, spare }: Flags, { config }: Patient): Limits => ({
  minimumAge: minAge,
  spare: new Set([...ownRoles(config), ...spare]),
});

const healingOf = (flags: Flags, { config, isStack, secretOf }: Patient): Healing => {
  const directory = stateDirectoryOf(config.state_directory, process.env, homedir());
  const audit: Audit = openAudit(
    resolve(flags.audit ?? join(directory, 'pool-doctor.jsonl')),
    Date.now() - PER_SECONDS * 1000,
  );
  const login = (user: string | undefined, file: string | undefined, own: string, secret: string) =>
    user !== undefined
      ? { user, password_file: file }
      : isStack
        ? { user: own, password_file: secretOf(secret) }
        : undefined;
  const healer: Healer = {
    config,
    server: login(flags.as, flags.asPasswordFile, 'postgres', 'superuser'),
    pool: login(flags.poolAdmin, flags.poolAdminPasswordFile, 'pgbouncer', 'pgbouncer'),
  };
  const budget = { most: flags.most, perSeconds: PER_SECONDS, againSeconds: AGAIN_SECONDS };
  return { healer, audit, budget, patienceSeconds: flags.patience };
};

const once = async (
  flags: Flags,
  patient: Patient,
  healing: Healing | undefined,
  signal: AbortSignal,
): Promise<number> => {
  const limits = limitsOf(flags, patient);
  const progress = makeProgress(process.stderr);
  progress({ kind: 'begin', index: 1, total: 1, title: 'Looking at pools and servers' });
  const say = (detail: string): void => progress({ kind: 'say', detail });
  const look = examine(patient.config, limits, { seconds: flags.look, signal, say });
  const { findings, blind, facts } = await look.catch((error: unknown) => {
    progress({ kind: 'failed', message: '' });
    throw error;
  });
  progress({ kind: 'done', detail: `${findings.length} found` });
  const out = (line: string): void => (flags.json ? undefined : console.log(line));
  for (const finding of findings) out(findingLine(finding, healing !== undefined));
  for (const { where, why } of blind) out(`NOT JUDGED ${where}: ${why}`);
  if (findings.length === 0 && facts.blind.length === 0) out('Nothing is wrong.');
  const plan = planOf(
    findings,
    healing?.audit.past ?? [],
    healing?.budget ?? { most: 0, perSeconds: 0, againSeconds: 0 },
    Date.now(),
  );
  const healed =
    healing === undefined
      ? { done: [], heldBack: [] }
      : await heal(plan, {
          ...{
            ...healing,
            left: Math.max(0, healing.budget.most - healing.audit.past.length),
            signal,
            now: () => new Date(),
          },
          onDone: (done) => out(`HEALED   ${doneLine(done)}`),
        });
  for (const { finding, why } of healed.heldBack) out(`LEFT     ${finding.title}: ${why}`);
  if (healing !== undefined && healed.done.length > 0) out(`Written down in ${healing.audit.path}`);
  if (flags.json) console.log(JSON.stringify({ version: 1, findings, blind, ...healed }, null, 2));
  if (facts.blind.length > 0) return EXIT.blind;
  const cured = new Set(
    healed.done.filter(({ outcome }) => outcome.result !== 'failed').map(({ finding }) => finding.id),
  );
  return findings.every(({ id }) => cured.has(id)) ? EXIT.well : EXIT.found;
};

const keepWatching = async (
  flags: Flags,
  patient: Patient,
  healing: Healing | undefined,
  signal: AbortSignal,
): Promise<void> => {
  const log = createLogger(patient.config.log_level);
  const doctor = openDoctor(patient.config, limitsOf(flags, patient));
  log.info({ every: flags.every, heals: healing !== undefined, audit: healing?.audit.path }, 'watching');
  try {
    await watch({ doctor, everySeconds: flags.every, healing, log, signal });
    log.info({}, 'stopped');
  } finally {
    await doctor.close();
  }
};

function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`A number from ${min} to ${max}, please.`);
  };
}
