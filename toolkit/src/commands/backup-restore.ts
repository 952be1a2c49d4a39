import { forPeople, SubmilliError } from '@submilli/core';
import { Command } from 'commander';
import type { Moment } from '../backup/moment';
import { planRestore, type RestorePlan } from '../backup/restore';
import { nextSteps } from '../backup/restore-command';
import { type BackupTarget, listBackups, pgbackrest } from '../backup/target';
import { binOf } from '../backup/verify';
import { exitWith } from '../exit';
import { makeDir } from '../stack/files';
import { makeProgress } from '../stack/progress';
import { answerTo } from '../stack/question';
import { type ClusterFlags, moment, positive, targetOf, verificationsOf, withCluster } from './backup-options';

/** Scripts can tell apart whether nothing was done, or something is left. */
const EXIT = { restored: 0, refused: 1, failed: 2, left: 3, interrupted: 130 } as const;

type Flags = ClusterFlags & {
  readonly to: string;
  readonly time?: Moment;
  readonly repo?: number;
  readonly replaces: boolean;
  readonly pause: boolean;
  readonly plan: boolean;
  readonly yes: boolean;
  readonly bin?: string;
  readonly json: boolean;
};

export const restoreCommand = (): Command =>
  withCluster(new Command('restore'))
    .description('Restore a backup into an empty folder, after showing what will be done. Nothing is started.')
    .requiredOption('--to <dir>', 'an empty folder, or one that is not there yet')
    .option(
      '--time <moment>',
      'the moment to recover to: 2026-01-31T12:00:00Z; the end of the archive if none is named',
      moment,
    )
    .option('--repo <n>', 'which repository; the first that works if none is named', positive)
    .option('--replaces', 'it takes the place of the cluster and goes on archiving as that', false)
    .option('--pause', 'stop at the moment and stay readable, to look before going on', false)
    .option('--plan', 'show the plan only', false)
    .option('--bin <dir>', 'where the server’s programs are, for the plan')
    .option('-y, --yes', 'don’t ask', false)
    .option('--json', 'print the plan and whether it was done as JSON; all else goes to standard error', false)
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      await exitWith(await restore(flags));
    });

const help = `
Nothing is ever restored over a server that runs, or over files. What is to be done with the folder then is said at the
end of the plan, line by line.

Examples:
  submilli backup restore --to /srv/restored --plan
  submilli backup restore --to /srv/restored --time 2026-01-31T12:00:00Z --pause
  submilli backup restore --to /var/lib/postgresql/15/main --replaces --yes    # the cluster is gone for good

Exit status: 0 restored, or the plan is shown; 1 refused, nothing was done (the folder, no such moment, you said no);
2 it could not be run, nothing was done; 3 it failed on the way, what is in the folder is no cluster; 130 interrupted.
`;

/** Which exit status an error means depends on how far it has come. */
const restore = async (flags: Flags): Promise<number> => {
  const calledOff = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => calledOff.abort());
  let failure: number = EXIT.failed;
  const progress = makeProgress(process.stderr);
  try {
    const target = targetOf(flags);
    const backups = await listBackups(target, calledOff.signal);
    failure = EXIT.refused;
    const plan = planRestore(backups, {
      ...{ to: flags.to, moment: flags.time, repository: flags.repo },
      ...{ replaces: flags.replaces, pause: flags.pause },
    });
    const text = planText(target, plan, nextSteps(plan, binOf(backups.postgres, flags.bin)));
    if (flags.json) console.error(text);
    else console.log(text);
    if (!flags.plan) {
      if (!flags.yes && !(await agreed(target.settings.stanza))) throw new SubmilliError({ what: 'nothing was done' });
      failure = EXIT.left;
      progress({ kind: 'begin', index: 1, total: 1, title: 'Restoring' });
      makeDir(plan.to, target.account);
      await pgbackrest(target, plan.args, 'restoring', { signal: calledOff.signal });
      progress({ kind: 'done', detail: plan.to });
    }
    if (flags.json) console.log(JSON.stringify({ ...plan, restored: !flags.plan }, null, 2));
    return EXIT.restored;
  } catch (error) {
    progress({ kind: 'failed', message: '' });
    if (calledOff.signal.aborted) {
      const left = failure === EXIT.left ? 'what is in the folder is no cluster' : 'nothing was done';
      console.error(`submilli: interrupted; ${left}`);
      return EXIT.interrupted;
    }
    console.error(`submilli: ${forPeople(error)}`);
    return failure;
  }
};

const planText = (target: BackupTarget, plan: RestorePlan, then: readonly string[]): string => {
  const { settings } = target;
  const { moment: at, repository, backup, to } = plan;
  const gib = (bytes: number, digits: number): string => `${(bytes / 1024 ** 3).toFixed(digits)} GiB`;
  const rehearsal = verificationsOf(target)?.findLast((one) => one.ok && one.repository === repository);
  return [
    `Restore ${backup.label} of ${settings.stanza} from repository ${repository} into ${to}`,
    `  to ${at === undefined ? 'the end of the archive' : new Date(at * 1000).toISOString()}, ${gib(backup.bytes, 2)}, ${gib(plan.freeBytes, 1)} are free`,
    rehearsal === undefined
      ? '  no rehearsal says how long that takes: submilli backup verify'
      : `  the last rehearsal took ${(rehearsal.restoreSeconds + rehearsal.recoverySeconds).toFixed(0)} s`,
    `  ${settings.program} --config=${settings.config} --stanza=${settings.stanza} ${plan.args.map(quoted).join(' ')}`,
    'Then:',
    ...then.map((line) => `  ${line}`),
  ].join('\n');
};

const quoted = (argument: string): string => (/[^\w=:/.,+-]/.test(argument) ? `'${argument}'` : argument);

const agreed = async (stanza: string): Promise<boolean> => {
  if (!process.stdin.isTTY) {
    throw new SubmilliError({
      what: 'nobody is there to ask',
      hint: 'Say --yes, once you have read the plan (--plan).',
    });
  }
  return (await answerTo(`Type ${stanza} to go on: `)) === stanza;
};
