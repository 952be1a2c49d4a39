import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { forPeople, messageOf, SubmilliError } from '@submilli/core';
import { writeFile } from '../stack/files';
import { makeProgress } from '../stack/progress';
import { stateDirectoryOf } from '../state-directory';
import { type CommonFlags, confirmOn, interruption, placeArgs, placeFlags } from './flags';
import type { Preparing } from './load';
import { findPgbench } from './pgbench';
import { findPlace, type Place } from './place';
import { profileOf } from './profile';
import { promisesFrom } from './promises';

/** Scripts can tell apart whether a promise was missed, or nothing was measured. */
export const EXIT = { kept: 0, missed: 1, refused: 2, interrupted: 130 } as const;

/** What every load has in common, as the command line says it. */
export type Common = Omit<Preparing, 'via' | 'clients' | 'step'> & { readonly protocol: CommonFlags['protocol'] };

/** Does it; `stepOf` is told how many steps there will be. */
export type Work<R> = (common: Common, stepOf: (total: number) => (title: string) => void) => Promise<R>;

export type Shown<R> = { readonly page: (report: R) => string; readonly terminal: (report: R) => string };

type Reported = { readonly id: string; readonly verdict: { readonly kept: boolean } };

/** Finds what a load needs, shows what it is at, prints its report and keeps the page. Answers the exit status. */
export const perform = async <R extends Reported>(
  flags: CommonFlags,
  work: Work<R>,
  shown: Shown<R>,
): Promise<number> => {
  const signal = interruption();
  const progress = makeProgress(process.stderr);
  let index = 0;
  const stepOf = (total: number) => (title: string) => progress({ kind: 'begin', index: (index += 1), total, title });
  try {
    const profile = profileOf(flags.profile);
    const pgbench = findPgbench(flags.pgbench);
    const place = await findPlace(placeFlags(flags));
    const keep = pageKeeper(place, flags.html);
    const common: Common = {
      ...{ place, profile, pgbench, signal, protocol: flags.protocol, placeArgs: placeArgs(placeFlags(flags)) },
      promises: promisesFrom(flags.promise, flags.errors, place.config),
      confirm: confirmOn(place, flags.yesOn),
      say: (detail) => progress({ kind: 'say', detail }),
      done: (detail) => progress({ kind: 'done', detail }),
    };
    const report = await work(common, stepOf);
    console.log(flags.json ? JSON.stringify(report, null, 2) : `\n${shown.terminal(report)}\n`);
    console.error(`Page: ${keep(`${report.id}.html`, shown.page(report))}`);
    return report.verdict.kept ? EXIT.kept : EXIT.missed;
  } catch (error) {
    progress({ kind: 'failed', message: forPeople(error) });
    console.error(`submilli: ${forPeople(error)}`);
    return signal.aborted ? EXIT.interrupted : EXIT.refused;
  }
};

/** Sees before the load that its page can be written after it; returns what writes it, and says where it is. */
const pageKeeper = ({ config }: Place, wanted: string | undefined) => {
  const named = wanted === undefined ? undefined : resolve(wanted);
  const folder =
    named === undefined
      ? join(stateDirectoryOf(config.state_directory, process.env, homedir()), 'loads')
      : dirname(named);
  const explained = <T>(act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      const hint = 'Name another place with --html FILE.';
      throw new SubmilliError({
        what: `the page can’t be written: ${messageOf(cause)}`,
        where: named ?? folder,
        hint,
        cause,
      });
    }
  };
  explained(() => {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    if (named !== undefined && statSync(named, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new Error('it is a directory');
    }
  });
  return (name: string, page: string): string => {
    const path = named ?? join(folder, name);
    explained(() => writeFile(path, page, undefined, 0o644));
    return path;
  };
};
