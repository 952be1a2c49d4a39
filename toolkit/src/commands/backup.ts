import { createInterface } from 'node:readline/promises';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { alertThresholds } from '@submilli/catalogue';
import { loadConfig, SubmilliError } from '@submilli/core';
import { backupProblems, readVerifications } from '@submilli/ha';
import { Command, InvalidArgumentError, Option } from 'commander';
import { statementsIn } from '../backup/checks';
import { type Moment, parseMoment } from '../backup/moment';
import { statusText, verificationText } from '../backup/report';
import { recordVerification } from '../backup/results';
import { planRestore } from '../backup/restore';
import { nextSteps } from '../backup/restore-command';
import { type BackupTarget, backupTarget, listBackups, pgbackrest } from '../backup/target';
import { binOf, verify } from '../backup/verify';
import { servicesAccount } from '../debian/account';
import { makeDir } from '../stack/files';
import { makeProgress } from '../stack/progress';
import { scheduleCommand } from './backup-schedule';
import { configOption } from './serve';

type Common = { readonly config: string; readonly cluster?: string };

export const backupCommand = (): Command =>
  new Command('backup')
    .description(
      'Backups by pgBackRest: what there is, a rehearsal of a restore, the restore itself, and the schedule.',
    )
    .addCommand(statusCommand())
    .addCommand(verifyCommand())
    .addCommand(restoreCommand())
    .addCommand(scheduleCommand());

const common = (command: Command): Command =>
  command
    .addOption(configOption('configuration, with clusters: backup'))
    .option('--cluster <name>', 'which cluster of it; the only one with backups if there is one');

const targetOf = ({ config, cluster }: Common): BackupTarget =>
  backupTarget(loadConfig(config), config, cluster, servicesAccount());

const verificationsOf = ({ settings }: BackupTarget) =>
  settings.verified_file === undefined ? undefined : readVerifications(settings.verified_file);

const now = (): number => Date.now() / 1000;

const statusCommand = (): Command =>
  common(new Command('status'))
    .description(
      'What is there, how old, from when on any moment can be restored. Exit status: 0 all well, 1 something is not.',
    )
    .option('--json', 'as JSON', false)
    .action(async (options: Common & { json: boolean }) => {
      const target = targetOf(options);
      const backups = await listBackups(target);
      const verifications = verificationsOf(target);
      const problems = backupProblems(backups, verifications, now());
      const json = { ...backups, verifications: verifications ?? null, problems };
      console.log(options.json ? JSON.stringify(json, null, 2) : statusText(backups, verifications, problems, now()));
      process.exitCode = problems.length === 0 ? 0 : 1;
    });

type VerifyFlags = Common & {
  readonly time?: Moment;
  readonly within: number;
  readonly repo?: number;
  readonly scratch: string;
  readonly bin?: string;
  readonly superuser: string;
  readonly smoke?: string;
  readonly objective: number;
  readonly json: boolean;
};

const moment = (text: string): Moment => {
  try {
    return parseMoment(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};

const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a positive number.');
  return value;
};

const verifyCommand = (): Command =>
  common(new Command('verify'))
    .description(
      'Restore to a folder of its own, recover to a random recent moment, look at everything, and remove it.',
    )
    .option('--time <moment>', 'this moment instead of a random one: 2026-01-31T12:00:00Z', moment)
    .option('--within <hours>', 'how recent the random moment is', number, 24)
    .option('--repo <n>', 'which repository; the first that works if none is named', number)
    .option('--scratch <dir>', 'where the copy may be; it must fit', '/var/tmp')
    .option('--bin <dir>', 'where the server’s programs are; /usr/lib/postgresql/MAJOR/bin if not said')
    .option('--superuser <name>', 'the superuser of the cluster', 'postgres')
    .option('--smoke <file>', 'SQL that must hold of the copy: no row may have false or null; $1 is the moment')
    .option('--objective <seconds>', 'how long a restore may take', number, alertThresholds.restoreObjectiveSeconds)
    .option('--json', 'as JSON', false)
    .addHelpText(
      'after',
      '\nThe living cluster is not touched: the copy does not archive, listens on a socket in its own folder alone, and is\n' +
        'removed however this ends. Exit status: 0 verified, 1 not. Run it weekly, from a timer.\n',
    )
    .action(async (options: VerifyFlags) => {
      await runVerify(options);
    });

const runVerify = async (options: VerifyFlags): Promise<void> => {
  const target = targetOf(options);
  const emit = makeProgress(process.stderr);
  const calledOff = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => calledOff.abort(new SubmilliError({ what: 'interrupted; the copy is removed' })));
  }
  emit({ kind: 'begin', index: 1, total: 1, title: `Rehearsing a restore of ${target.settings.stanza}` });
  try {
    const result = await verify({
      ...{ target, moment: options.time, within: options.within * 3600, repository: options.repo },
      ...{ scratch: resolve(options.scratch), bin: options.bin, superuser: options.superuser },
      smoke: options.smoke === undefined ? [] : statementsIn(readFileSync(options.smoke, 'utf8')),
      objectiveSeconds: options.objective,
      signal: calledOff.signal,
      say: (detail) => emit({ kind: 'say', detail }),
      ...{ now, random: Math.random },
    });
    emit({ kind: 'done', detail: result.ok ? 'verified' : 'FAILED' });
    const { verified_file: file, stanza } = target.settings;
    if (file !== undefined) recordVerification(file, stanza, result);
    console.log(options.json ? JSON.stringify(result, null, 2) : verificationText(result).join('\n'));
    process.exitCode = result.ok ? 0 : 1;
  } catch (error) {
    emit({ kind: 'failed', message: '', hint: undefined });
    throw error;
  }
};

type RestoreFlags = Common & {
  readonly to: string;
  readonly time?: Moment;
  readonly repo?: number;
  readonly replaces: boolean;
  readonly pause: boolean;
  readonly plan: boolean;
  readonly yes: boolean;
  readonly bin?: string;
};

const restoreCommand = (): Command =>
  common(new Command('restore'))
    .description('Restore a backup into an empty folder, after showing what will be done. Nothing is started.')
    .requiredOption('--to <dir>', 'an empty folder, or one that is not there yet')
    .option(
      '--time <moment>',
      'the moment to recover to: 2026-01-31T12:00:00Z; the end of the archive if none is named',
      moment,
    )
    .option('--repo <n>', 'which repository; the first that works if none is named', number)
    .option('--replaces', 'it takes the place of the cluster and goes on archiving as that', false)
    .option('--pause', 'stop at the moment and stay readable, to look before going on', false)
    .option('--plan', 'show the plan only', false)
    .option('--bin <dir>', 'where the server’s programs are, for the plan')
    .addOption(new Option('-y, --yes', 'don’t ask').default(false))
    .action(async (options: RestoreFlags) => {
      await runRestore(options);
    });

const runRestore = async (options: RestoreFlags): Promise<void> => {
  const target = targetOf(options);
  const backups = await listBackups(target);
  const plan = planRestore(backups, {
    ...{ to: options.to, moment: options.time, repository: options.repo },
    ...{ replaces: options.replaces, pause: options.pause },
  });
  const { settings } = target;
  const estimate = verificationsOf(target)?.findLast(({ ok, repository }) => ok && repository === plan.repository);
  console.log(
    [
      `Restore ${plan.backup.label} of ${settings.stanza} from repository ${plan.repository} into ${plan.to}`,
      `  to ${plan.moment === undefined ? 'the end of the archive' : new Date(plan.moment * 1000).toISOString()}, ${(plan.backup.bytes / 1024 ** 3).toFixed(2)} GiB, ${(plan.freeBytes / 1024 ** 3).toFixed(1)} GiB are free`,
      estimate === undefined
        ? '  no rehearsal says how long that takes: submilli backup verify'
        : `  the last rehearsal took ${(estimate.restoreSeconds + estimate.recoverySeconds).toFixed(0)} s`,
      `  ${settings.program} --config=${settings.config} --stanza=${settings.stanza} ${plan.args.map(quoted).join(' ')}`,
      'Then:',
      ...nextSteps(plan, binOf(backups.postgres, options.bin)).map((line) => `  ${line}`),
    ].join('\n'),
  );
  if (options.plan) return;
  if (!options.yes && !(await agreed(settings.stanza))) throw new SubmilliError({ what: 'nothing was done' });
  const emit = makeProgress(process.stderr);
  emit({ kind: 'begin', index: 1, total: 1, title: 'Restoring' });
  makeDir(plan.to, target.account);
  await pgbackrest(target, plan.args, 'restoring');
  emit({ kind: 'done', detail: plan.to });
};

const quoted = (argument: string): string => (/[^\w=:/.,+-]/.test(argument) ? `'${argument}'` : argument);

const agreed = async (stanza: string): Promise<boolean> => {
  if (!process.stdin.isTTY) {
    throw new SubmilliError({
      what: 'nobody is there to ask',
      hint: 'Say --yes, once you have read the plan (--plan).',
    });
  }
  const rl = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await rl.question(`Type ${stanza} to go on: `)).trim() === stanza;
  } finally {
    rl.close();
  }
};
