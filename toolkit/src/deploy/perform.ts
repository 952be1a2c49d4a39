import { join } from 'node:path';
import { forPeople, SubmilliError } from '@submilli/core';
import { patroniOf } from '../drill/patroni';
import { makeProgress } from '../stack/progress';
import { saysYes } from '../stack/question';
import { type Attempt, goForward, type Outcome, takeBack, type Watcher } from './attempt';
import { openBackup } from './backup';
import { claimMachines } from './claims';
import type { DeployCluster } from './cluster';
import { EXIT } from './exit';
import { startGuard } from './guard';
import { ownedBy } from './history';
import { interruption } from './interruption';
import { type Beginning, deploysIn, openJournal, type Progress, readDeploys, unfinishedOf } from './journal';
import { newFindings, sayFinding } from './lint';
import { lint, lintInputs } from './lint-files';
import { lockHolder, ourselves, sayHolder, takeLock } from './lock';
import { type Plan, planOf } from './plan';
import { readLive } from './read-live';
import { requireReady } from './ready';
import { isNothing, planJson, planText, type Shown } from './show';
import { pathsOf } from './dcs';

export type Wishes = {
  readonly yes: boolean;
  readonly allowRestart: boolean;
  readonly force: boolean;
  readonly withoutScore: boolean;
  readonly soakSeconds: number;
  readonly scoreDrop: number;
  readonly json: boolean;
};

/** Where the deploy is to, and how another process finds the same place. */
export type Site = {
  readonly cluster: DeployCluster;
  readonly placeArgs: readonly string[];
};

/** A score dips when caches are cold; without a restart there is no reason for it. */
const PATIENCE = { restart: 120, none: 15 } as const;

const patroniAt = (cluster: DeployCluster) =>
  patroniOf({ members: cluster.members, patroni: cluster.patroni, tls: cluster.tls });

const lookAhead = async (cluster: DeployCluster, deploys: readonly Progress[]): Promise<Shown> => {
  const live = await readLive(cluster, patroniAt(cluster));
  const plan = planOf(cluster.wanted, live, ownedBy(deploys));
  const { before, after } = lintInputs(cluster.wanted, live);
  const findings = newFindings(lint(before, cluster.lintContext), lint(after, cluster.lintContext));
  return { plan, findings, secrets: cluster.secrets };
};

export const performPlan = async (
  { cluster }: Site,
  { exitCode, json }: { readonly exitCode: boolean; readonly json: boolean },
): Promise<number> => {
  const deploys = readDeploys(cluster.work);
  const shown = await lookAhead(cluster, deploys);
  console.log(json ? JSON.stringify(planJson(shown), null, 2) : planText(shown));
  const unfinished = unfinishedOf(deploys);
  const holder = lockHolder(cluster.work);
  if (holder !== undefined) console.error(`Note: another deploy is at work: ${sayHolder(holder)}.`);
  else if (unfinished !== undefined) console.error(`Note: ${cutOff(unfinished).what}. ${HOW_TO_GO_ON}`);
  return exitCode && !isNothing(shown.plan) ? EXIT.refused : EXIT.done;
};

const HOW_TO_GO_ON = 'Take it back: submilli deploy rollback. Go on with it: submilli deploy apply --resume.';

const cutOff = ({ begin }: Progress): SubmilliError =>
  new SubmilliError({
    what: `the deploy ${begin.id} was cut off and has not come to its end`,
    where: begin.cluster,
    hint: HOW_TO_GO_ON,
  });

const asRefusal = (error: unknown): never => {
  throw error instanceof SubmilliError ? new Refused(error) : error;
};

const refusing = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    return asRefusal(error);
  }
};

/** With the lock held, of this place and of every machine. */
export const lockedFor = async (cluster: DeployCluster, what: string, work: () => Promise<number>): Promise<number> => {
  const us = ourselves(what, new Date());
  const lock = refusing(() => takeLock(cluster.work, us));
  try {
    const release = await claimMachines(cluster.claims, us).catch(asRefusal);
    try {
      return await work();
    } finally {
      await release();
    }
  } finally {
    lock.release();
  }
};

export const performApply = (site: Site, wishes: Wishes & { readonly resume: boolean }): Promise<number> =>
  lockedFor(site.cluster, 'deploy apply', async () => {
    const { cluster } = site;
    const deploys = readDeploys(cluster.work);
    const unfinished = unfinishedOf(deploys);
    if (unfinished !== undefined) {
      if (!wishes.resume) throw new Refused(cutOff(unfinished));
      if (unfinished.turned !== undefined) {
        const hint = 'Go on with that: submilli deploy rollback';
        throw new Refused(new SubmilliError({ what: `${unfinished.begin.id} was being taken back`, hint }));
      }
      return goOn(site, unfinished.begin.id, wishes, goForward);
    }
    if (wishes.resume) throw new Refused(new SubmilliError({ what: 'no deploy was cut off here' }));
    const shown = await lookAhead(cluster, deploys);
    const { plan, findings } = shown;
    say(wishes, planText(shown));
    if (isNothing(plan)) {
      if (wishes.json) console.log(JSON.stringify({ ...planJson(shown), outcome: 'nothing to do' }, null, 2));
      return EXIT.done;
    }
    const errors = findings.filter(({ severity }) => severity === 'error').map(sayFinding);
    requirePossible(plan, errors, wishes);
    return begin(site, wishes, {
      ...{ kind: 'apply', of: null, steps: [...plan.steps], owned: pathsOf(cluster.wanted.dcs), forced: errors },
      keep: (backup) => {
        for (const { before, after } of plan.files) for (const file of [before, after]) backup.keep(file);
      },
    });
  });

/** Nothing was changed, for a reason that is no failure of ours. */
export class Refused extends SubmilliError {
  constructor({ what, where, hint }: SubmilliError) {
    super({ what, ...(where === undefined ? {} : { where }), ...(hint === undefined ? {} : { hint }) });
  }
}

export const refuse = (what: string, hint: string): never => {
  throw new Refused(new SubmilliError({ what, hint }));
};

const requirePossible = (
  { refusals, restarts }: Pick<Plan, 'refusals' | 'restarts'>,
  errors: readonly string[],
  wishes: Wishes,
): void => {
  if (refusals.length > 0) refuse(`it can’t be done: ${refusals.join('; ')}`, 'Nothing was changed.');
  if (errors.length > 0) {
    if (!wishes.force)
      refuse(`lint refuses it:\n  ${errors.join('\n  ')}`, 'Nothing was changed. Mend it, or say --force.');
    console.error(`\nFORCED, in spite of what lint calls an error:\n  ${errors.join('\n  ')}\n`);
  }
  if (restarts.length > 0 && !wishes.allowRestart) {
    refuse(
      `it takes a restart of ${restarts.join('; ')}`,
      'Nothing was changed. Say --allow-restart, or leave those settings out.',
    );
  }
};

type Deed = Pick<Beginning, 'kind' | 'of' | 'steps' | 'owned' | 'forced'> & {
  /** Has what the steps name on the disk before the first of them. */
  readonly keep: (backup: ReturnType<typeof openBackup>) => void;
};

/** Sees that all is well, asks, writes down what is to be done, and does it. */
export const begin = async (site: Site, wishes: Wishes, { keep, ...deed }: Deed): Promise<number> => {
  const { cluster } = site;
  const never = new AbortController().signal;
  const ready = await requireReady(cluster, patroniAt(cluster), !wishes.withoutScore, never).catch(asRefusal);
  await confirm(cluster.cluster, wishes);
  const now = new Date();
  const id = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const directory = join(deploysIn(cluster.work), id);
  keep(openBackup(join(directory, 'blobs')));
  const journal = openJournal(directory, () => new Date());
  const restarts = deed.steps.some(({ kind }) => kind.startsWith('restart'));
  journal.write({
    ...{ entry: 'begin', version: 1, id, cluster: cluster.cluster, by: ourselves(`deploy ${deed.kind}`, now), ...deed },
    before: { score: ready.score, health: ready.health },
    soak: {
      ...{ seconds: wishes.soakSeconds, drop: wishes.scoreDrop },
      patience: restarts ? PATIENCE.restart : PATIENCE.none,
    },
  });
  journal.close();
  return goOn(site, id, wishes, goForward);
};

/** Does what a journal has left, forwards or back. */
export const goOn = async (
  { cluster, placeArgs }: Site,
  id: string,
  wishes: Pick<Wishes, 'json'>,
  go: (attempt: Attempt) => Promise<Outcome>,
): Promise<number> => {
  const directory = join(deploysIn(cluster.work), id);
  const journal = openJournal(directory, () => new Date());
  const { signal, off } = interruption(HOW_TO_GO_ON);
  const dismissGuard = startGuard(placeArgs);
  try {
    const outcome = await go({
      ...{ cluster, journal, signal, patroni: patroniAt(cluster), watcher: watcherOf(wishes) },
      backup: openBackup(join(directory, 'blobs')),
    });
    if (outcome.is === 'applied') dismissGuard();
    if (wishes.json) console.log(JSON.stringify({ id, ...outcome }, null, 2));
    say(wishes, outcomeText(journal.progress().begin, outcome));
    return exitOf(outcome, signal.aborted);
  } finally {
    off();
    journal.close();
  }
};

export const goBack = (attempt: Attempt): Promise<Outcome> =>
  takeBack(attempt, attempt.journal.progress().turned ?? 'somebody asked for it');

const exitOf = (outcome: Outcome, interrupted: boolean): number => {
  if (outcome.is === 'applied') return EXIT.done;
  if (outcome.is === 'left' || outcome.still.length > 0) return EXIT.left;
  return interrupted ? EXIT.interrupted : EXIT.rolledBack;
};

const outcomeText = ({ id, of }: Beginning, outcome: Outcome): string => {
  switch (outcome.is) {
    case 'applied':
      return of === null ? `\n${id} is applied. Take it back with: submilli deploy rollback` : `\n${of} is taken back.`;
    case 'rolled back':
      return outcome.still.length === 0
        ? `\n${id} was rolled back, and all is as it was: ${outcome.why}`
        : `\n${id} was rolled back (${outcome.why}), but the cluster is not well: ${outcome.still.join('; ')}`;
    case 'left':
      return `\n${id} could NOT be taken back whole (${outcome.why}):\n  ${outcome.left.join('\n  ')}\nMend that, then: submilli deploy rollback`;
  }
};

const say = ({ json }: Pick<Wishes, 'json'>, text: string): void => (json ? console.error(text) : console.log(text));

const watcherOf = ({ json }: Pick<Wishes, 'json'>): Watcher => {
  const emit = makeProgress(json ? process.stderr : process.stdout);
  return {
    begin: (index, total, title) => emit({ kind: 'begin', index, total, title }),
    say: (detail) => emit({ kind: 'say', detail }),
    done: (detail) => emit({ kind: 'done', detail }),
    line: (text) => emit({ kind: 'note', text }),
  };
};

const confirm = async (cluster: string, { yes }: Wishes): Promise<void> => {
  if (yes) return;
  if (!process.stdin.isTTY)
    refuse('nobody is there to ask', 'Nothing was changed. Say --yes, once you have read the plan.');
  if (!(await saysYes(`Do this to ${cluster}?`))) refuse('you said no', 'Nothing was changed.');
};

/** The exit code of what was thrown, which is told. */
export const codeOf = (error: unknown): number => {
  console.error(`submilli: ${forPeople(error)}`);
  return error instanceof Refused ? EXIT.refused : EXIT.failed;
};
