import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { type Backup, type Backups, restorableSince } from '@submilli/ha';
import { postmasterOf } from '../stack/procs';
import { backupFor, type Moment, timestampOf } from './moment';
import { commandOf, type RestoreCommand } from './restore-command';
import { repositoryOf } from './verify';

export type RestoreRequest = {
  readonly to: string;
  /** The moment; undefined: the end of the archive. */
  readonly moment: Moment | undefined;
  readonly repository: number | undefined;
  /** The restored server goes on archiving to the same place: it replaces the cluster, which must be gone. */
  readonly replaces: boolean;
  /** Where the restored server stops and stays readable, for people to look first. */
  readonly pause: boolean;
};

export type RestorePlan = RestoreCommand & {
  readonly backup: Backup;
  readonly freeBytes: number;
};

/** What would be done. Throws a `SubmilliError` where it must not be: over a server that runs, or over anybody's files. */
export const planRestore = (backups: Backups, request: RestoreRequest): RestorePlan => {
  const repository = repositoryOf(backups.repositories, request.repository);
  const { moment } = request;
  const backup = moment === undefined ? repository.backups.at(-1) : backupFor(repository, moment);
  if (backup === undefined) {
    const since = restorableSince(repository);
    const what = moment === undefined ? 'there is no backup' : `no backup had ended by ${timestampOf(moment)}`;
    throw new SubmilliError({
      what,
      hint: since === null ? 'Make a full one.' : `The first moment is ${timestampOf(since + 1)}.`,
    });
  }
  const to = resolve(request.to);
  refuseUnlessEmpty(to);
  const { bavail, bsize } = statfsSync(existsSync(to) ? to : nearest(to));
  const freeBytes = bavail * bsize;
  if (freeBytes < backup.bytes * 1.05) {
    const gib = (size: number): string => `${(size / 1024 ** 3).toFixed(1)} GiB`;
    throw new SubmilliError({ what: `${gib(backup.bytes)} are needed and ${gib(freeBytes)} are free`, where: to });
  }
  return { ...commandOf({ ...request, to, repository: repository.key }), backup, freeBytes };
};

const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)));

/** A running cluster is never restored over, nor files that somebody may want: whoever wants the place moves them away. */
const refuseUnlessEmpty = (to: string): void => {
  const running = postmasterOf(to);
  if (running !== undefined) {
    throw new SubmilliError({
      what: `a PostgreSQL server runs on it (process ${running.pid})`,
      where: to,
      hint: 'Restore into an empty folder. To replace a cluster, stop it (Patroni first) and move its folder away.',
    });
  }
  if (existsSync(to) && readdirSync(to).length > 0) {
    throw new SubmilliError({
      what: 'the folder is not empty',
      where: to,
      hint: 'Name an empty one, or move what is there away.',
    });
  }
};
