import { messageOf } from '@submilli/core';
import type { Patroni } from '../drill/patroni';
import { actOn } from './act';
import type { Backup } from './backup';
import type { DeployCluster } from './cluster';
import { health, type Health, lookAt, worseThan } from './health';
import type { Journal } from './journal';
import { runBackPatiently, runForward, type Running } from './run';
import { fallen, readScore } from './score';
import { stepText } from './show';
import { soak } from './soak';
import { settingsMissing } from './settings-act';
import { inverse, type SettingChange, type Step } from './step';

/** What somebody who watches is shown. */
export type Watcher = {
  readonly begin: (index: number, total: number, title: string) => void;
  readonly say: (detail: string) => void;
  readonly done: (detail: string | undefined) => void;
  readonly line: (text: string) => void;
};

export type Attempt = {
  readonly cluster: DeployCluster;
  readonly patroni: Patroni;
  readonly journal: Journal;
  readonly backup: Backup;
  readonly watcher: Watcher;
  readonly signal: AbortSignal;
};

export type Outcome =
  | { readonly is: 'applied' }
  /** All is as before; `still` is what is not well nevertheless. */
  | { readonly is: 'rolled back'; readonly why: string; readonly still: readonly string[] }
  /** Something could not be taken back. */
  | { readonly is: 'left'; readonly why: string; readonly left: readonly string[] };

const never = new AbortController().signal;
const AFTERWARDS_SECONDS = 60;

/** Goes on with a deploy from where its journal ends; takes it back when it, or the cluster after it, is not well. */
export const goForward = async (attempt: Attempt): Promise<Outcome> => {
  const { journal, watcher, signal } = attempt;
  const { steps, soak: wish } = journal.progress().begin;
  try {
    await runForward(runningOf(attempt, steps.length + 1), signal);
    const title = wish.seconds === 0 ? 'Seeing that all is well' : `Watching for ${wish.seconds} s`;
    watcher.begin(steps.length + 1, steps.length + 1, title);
    const wrong = await soak({
      ...{ seconds: wish.seconds, patience: wish.patience, say: watcher.say, signal },
      look: () => troublesNow(attempt),
    });
    if (wrong.length > 0) throw new Error(wrong.join('; '));
    watcher.done('all well');
    journal.write({ entry: 'end', outcome: 'applied', why: null });
    return { is: 'applied' };
  } catch (error) {
    watcher.done(signal.aborted ? 'stopped' : 'NOT WELL');
    return takeBack(attempt, messageOf(error));
  }
};

/** Takes back what a deploy has done so far. Not called off by a signal: whoever interrupts wants all as it was. */
export const takeBack = async (attempt: Attempt, why: string): Promise<Outcome> => {
  const { journal, watcher, cluster, patroni } = attempt;
  watcher.line(`Taking it back: ${why}`);
  const left = await runBackPatiently(runningOf(attempt), why, watcher.line);
  if (left.length > 0) return { is: 'left', why, left };
  const before = healthBefore(attempt);
  watcher.begin(1, 1, 'Seeing that all is as before');
  const still = await soak({
    ...{ seconds: 0, patience: AFTERWARDS_SECONDS, say: watcher.say, signal: never },
    look: async () => [
      ...worseThan(before, await lookAt(cluster, patroni)),
      ...(await settingsMissing(changesBack(journal), cluster)),
    ],
  });
  watcher.done(still.length === 0 ? undefined : `NOT YET: ${still.join('; ')}`);
  for (const text of still) journal.write({ entry: 'note', text });
  journal.write({ entry: 'end', outcome: 'rolled back', why });
  return { is: 'rolled back', why, still };
};

/** What the steps that were taken back have set to what it was. */
const changesBack = (journal: Journal): SettingChange[] => {
  const { begin, undone } = journal.progress();
  return begin.steps.flatMap((step, i) => {
    const back = inverse(step);
    return undone.has(i) && back.kind === 'settings' ? back.changes : [];
  });
};

const healthBefore = ({ journal }: Attempt): Health => health.parse(journal.progress().begin.before.health);

/** `total` counts what comes after the steps, too. */
const runningOf = (attempt: Attempt, total?: number): Running => {
  const { cluster, patroni, journal, backup, watcher } = attempt;
  const note = (text: string): void => journal.write({ entry: 'note', text });
  return {
    journal,
    act: actOn({ cluster, patroni, backup, before: healthBefore(attempt), say: watcher.say, note }),
    onStep: (step: Step, index, count) => watcher.begin(index, total ?? count, stepText(step)),
    onDone: watcher.done,
  };
};

const troublesNow = async ({ cluster, patroni, journal, signal }: Attempt): Promise<readonly string[]> => {
  const { before, soak: wish } = journal.progress().begin;
  const now = await lookAt(cluster, patroni);
  const worse = worseThan(health.parse(before.health), now);
  if (before.score === null || now.leader === null) return worse;
  return [...worse, ...fallen(before.score, await readScore(cluster.scoreUrl, now.leader, signal), wish.drop)];
};
