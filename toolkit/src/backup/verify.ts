import { join } from 'node:path';
import { type BackupVerification, forPeople, SubmilliError } from '@submilli/core';
import type { Repository } from '@submilli/ha';
import { type Check, checkPages, type CheckOptions, checkRunning } from './checks';
import { landingOf } from './landing';
import { backupFor, drawMoment, type Moment, timestampOf } from './moment';
import { makeScratch, removeLeftovers, requireRoom, type Scratch } from './scratch';
import { startScratchServer } from './scratch-server';
import { type BackupTarget, listBackups, pgbackrest } from './target';

export type VerifyOptions = {
  readonly target: BackupTarget;
  /** The moment to restore; drawn from the last `within` seconds if none is given. */
  readonly moment: Moment | undefined;
  readonly within: number;
  readonly repository: number | undefined;
  readonly scratch: string;
  readonly bin: string | undefined;
  readonly superuser: string;
  readonly smoke: readonly string[];
  readonly objectiveSeconds: number;
  readonly signal: AbortSignal;
  readonly say: (detail: string) => void;
  readonly now: () => number;
  readonly random: () => number;
};

/** The repository that is named, or the first that works. Throws a `SubmilliError`. */
export const repositoryOf = (all: readonly Repository[], key: number | undefined): Repository => {
  const found = all.find((one) => (key === undefined ? one.problem === null : one.key === key));
  if (found === undefined)
    throw new SubmilliError({ what: key === undefined ? 'no repository works' : `there is no repository ${key}` });
  if (found.problem !== null) throw new SubmilliError({ what: `repository ${found.key}: ${found.problem}` });
  return found;
};

/** Where the programs of a major are, as Debian has them. */
export const binOf = (postgres: string | null, given: string | undefined): string =>
  given ?? `/usr/lib/postgresql/${postgres}/bin`;

/** Restores to a folder of its own, recovers to the moment, looks at everything, and removes it all again. */
export const verify = async (options: VerifyOptions): Promise<BackupVerification> => {
  const { target, signal, say, now } = options;
  const { repositories, postgres } = await listBackups(target, signal);
  const repository = repositoryOf(repositories, options.repository);
  const moment = options.moment ?? drawMoment(repository, now(), options.within, options.random);
  const backup = backupFor(repository, moment);
  if (backup === undefined) throw new SubmilliError({ what: `no backup had ended by ${timestampOf(moment)}` });
  await removeLeftovers(options.scratch);
  requireRoom(options.scratch, backup.bytes);
  const scratch = makeScratch(options.scratch, target.account);
  const about = { repository: repository.key, target: new Date(moment * 1000).toISOString(), bytes: backup.bytes };
  try {
    say(`restoring ${backup.label} to ${timestampOf(moment)}`);
    const began = now();
    await restoreInto(options, scratch, repository.key, moment);
    const restored = now();
    const bin = binOf(postgres, options.bin);
    const { account } = target;
    const server = await startScratchServer({ scratch, bin, account, superuser: options.superuser, signal, say });
    const recovered = now();
    const looking: CheckOptions = { server, scratch, bin, account, target: moment, signal, ...pick(options) };
    const seen = await checkRunning(looking).finally(() => server.stop());
    const landing = landingOf(server.log());
    const inTime = onTime(recovered - began, options.objectiveSeconds);
    const checks = [...seen, await checkPages(looking), inTime];
    return {
      ...about,
      at: new Date(now() * 1000).toISOString(),
      lastTransaction: isoOf(landing.last),
      nextTransaction: isoOf(landing.next),
      restoreSeconds: restored - began,
      recoverySeconds: recovered - restored,
      checkSeconds: now() - recovered,
      checks,
      ok: checks.every(({ ok }) => ok),
    };
  } catch (error) {
    // Called off is no verdict; a restore that did not come up is.
    signal.throwIfAborted();
    return failed(about, now(), forPeople(error));
  } finally {
    await scratch.remove();
  }
};

const failed = (
  about: Pick<BackupVerification, 'repository' | 'target' | 'bytes'>,
  now: Moment,
  why: string,
): BackupVerification => ({
  ...about,
  at: new Date(now * 1000).toISOString(),
  ...{ lastTransaction: null, nextTransaction: null, restoreSeconds: 0, recoverySeconds: 0, checkSeconds: 0 },
  checks: [{ name: 'restore', ok: false, detail: why }],
  ok: false,
});

const pick = ({ superuser, smoke }: VerifyOptions) => ({ superuser, smoke });

const isoOf = (moment: Moment | null): string | null =>
  moment === null ? null : new Date(moment * 1000).toISOString();

const onTime = (took: number, objective: number): Check => ({
  name: 'objective',
  ok: took <= objective,
  detail: `restored and recovered in ${took.toFixed(1)} s; ${objective} s are allowed`,
});

const restoreInto = async (
  { target, signal }: VerifyOptions,
  { data, folder }: Scratch,
  repository: number,
  moment: Moment,
): Promise<void> => {
  const { program, config, stanza } = target.settings;
  const from = [`--config=${config}`, `--stanza=${stanza}`, `--repo=${repository}`, `--pg1-path=${data}`];
  const lock = `--lock-path=${join(folder, 'lock')}`;
  // Fetched one by one: the folder for WAL fetched ahead is the living server's.
  const fetch = [program, ...from, lock, '--no-archive-async', 'archive-get', '%f', '"%p"'].join(' ');
  const args = [
    ...[`--repo=${repository}`, `--pg1-path=${data}`, lock, '--type=time', `--target=${timestampOf(moment)}`],
    // The archive is the living cluster's: a copy must not add to it.
    ...['--target-action=promote', '--archive-mode=off', `--recovery-option=restore_command=${fetch}`],
    `--tablespace-map-all=${join(folder, 'tablespaces')}`,
  ];
  await pgbackrest(target, [...args, 'restore'], 'restoring', { signal });
};
