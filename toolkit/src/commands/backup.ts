import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { alertThresholds } from '@submilli/catalogue';
import { forPeople } from '@submilli/core';
import { backupProblems } from '@submilli/ha';
import { Command } from 'commander';
import { statementsIn } from '../backup/checks';
import type { Moment } from '../backup/moment';
import { statusText, verificationText } from '../backup/report';
import { recordVerification } from '../backup/results';
import { listBackups, NoStanza } from '../backup/target';
import { verify } from '../backup/verify';
import { exitWith } from '../exit';
import { type ClusterFlags, moment, positive, targetOf, verificationsOf, withCluster } from './backup-options';
import { restoreCommand } from './backup-restore';
import { scheduleCommand } from './backup-schedule';
import { interruptible } from './interruptible';

/** Scripts can tell apart whether something is not well, and whether it could be looked at all. */
const EXIT = { well: 0, unwell: 1, blind: 2 } as const;

export const backupCommand = (): Command =>
  new Command('backup')
    .description(
      'Backups by pgBackRest: what there is, a rehearsal of a restore, the restore itself, and the schedule.',
    )
    .addHelpText('after', help)
    .addCommand(statusCommand())
    .addCommand(verifyCommand())
    .addCommand(restoreCommand())
    .addCommand(scheduleCommand());

const help = `
Which cluster, and where its pgbackrest.conf is, is in the configuration: clusters: backup.

Examples:
  submilli backup status                              what there is, and since when any moment can be restored
  submilli backup verify                              a restore to a random moment of the last day, looked at and removed
  submilli backup restore --to /srv/restored --plan   what a restore would do
`;

const now = (): number => Date.now() / 1000;

const statusCommand = (): Command =>
  withCluster(new Command('status'))
    .description('What is there, how old it is, and from when on any moment can be restored.')
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', statusHelp)
    .action(async (flags: StatusFlags) => {
      await exitWith(
        await interruptible('Asking pgBackRest', EXIT.blind, (signal, _, print) => status(flags, signal, print)),
      );
    });

const statusHelp = `
Not well is: a repository that cannot be used, has no backup or only old ones, or does not get WAL; no rehearsal of a
restore for too long, or one that failed.

Examples:
  submilli backup status
  submilli backup status --json | jq -r '.problems[]'

Exit status: 0 all is well; 1 something is not; 2 it could not be looked at; 130 interrupted.
`;

type Tell = (text: string) => void;
type StatusFlags = ClusterFlags & { readonly json: boolean };

const status = async (flags: StatusFlags, signal: AbortSignal, print: Tell): Promise<number> => {
  const target = targetOf(flags);
  try {
    const backups = await listBackups(target, signal);
    const verifications = verificationsOf(target);
    const problems = backupProblems(backups, verifications, now());
    const json = { ...backups, verifications: verifications ?? null, problems };
    print(`${flags.json ? JSON.stringify(json, null, 2) : statusText(backups, verifications, problems, now())}\n`);
    return problems.length === 0 ? EXIT.well : EXIT.unwell;
  } catch (error) {
    if (!(error instanceof NoStanza)) throw error;
    console.error(`submilli: ${forPeople(error)}`);
    return EXIT.unwell;
  }
};

type VerifyFlags = ClusterFlags & {
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

const verifyCommand = (): Command =>
  withCluster(new Command('verify'))
    .description(
      'Restore to a folder of its own, recover to a random recent moment, look at everything, and remove it.',
    )
    .option('--time <moment>', 'this moment instead of a random one: 2026-01-31T12:00:00Z', moment)
    .option('--within <hours>', 'how recent the random moment is', positive, 24)
    .option('--repo <n>', 'which repository; the first that works if none is named', positive)
    .option('--scratch <dir>', 'where the copy may be; it must fit', '/var/tmp')
    .option('--bin <dir>', 'where the server’s programs are; /usr/lib/postgresql/MAJOR/bin if not said')
    .option('--superuser <name>', 'the superuser of the cluster', 'postgres')
    .option('--smoke <file>', 'SQL that must hold of the copy: no row may have false or null; $1 is the moment')
    .option('--objective <seconds>', 'how long a restore may take', positive, alertThresholds.restoreObjectiveSeconds)
    .option('--json', 'print the result as JSON', false)
    .addHelpText('after', verifyHelp)
    .action(async (flags: VerifyFlags) => {
      await exitWith(
        await interruptible('Rehearsing a restore', EXIT.blind, (signal, say, print) =>
          rehearse(flags, signal, say, print),
        ),
      );
    });

const verifyHelp = `
The living cluster is not touched: the copy does not archive, listens on a socket in its own folder alone, and is
removed however this ends. What came of it is kept where clusters: backup: verified_file says, and published by the ha
exporter. Run it weekly, from a timer.

Examples:
  submilli backup verify
  submilli backup verify --time 2026-01-31T12:00:00Z --repo 2 --scratch /srv/scratch
  submilli backup verify --smoke smoke.sql --objective 900 --json | jq '.checks[] | select(.ok | not)'

Exit status: 0 verified; 1 not, or not in time; 2 it could not be tried; 130 interrupted, and the copy removed.
`;

const rehearse = async (flags: VerifyFlags, signal: AbortSignal, say: Tell, print: Tell): Promise<number> => {
  const target = targetOf(flags);
  const result = await verify({
    ...{ target, moment: flags.time, within: flags.within * 3600, repository: flags.repo },
    ...{ scratch: resolve(flags.scratch), bin: flags.bin, superuser: flags.superuser },
    smoke: flags.smoke === undefined ? [] : statementsIn(readFileSync(flags.smoke, 'utf8')),
    objectiveSeconds: flags.objective,
    ...{ signal, say, now, random: Math.random },
  });
  const { verified_file: file, stanza } = target.settings;
  if (file !== undefined) recordVerification(file, stanza, result);
  print(`${flags.json ? JSON.stringify(result, null, 2) : verificationText(result).join('\n')}\n`);
  return result.ok ? EXIT.well : EXIT.unwell;
};
