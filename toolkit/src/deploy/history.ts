import { plural } from '../report/words';
import { aligned } from '../stack/table';
import type { Progress } from './journal';
import { stepText } from './show';

/** One that has not come to its end is at work, if anything is. */
const outcomeOf = ({ end, turned }: Progress, isAtWork: boolean): string => {
  if (end !== undefined) return end.outcome;
  if (isAtWork) return turned === undefined ? 'at work' : 'at work, taking it back';
  return turned === undefined ? 'CUT OFF' : 'CUT OFF while it was taken back';
};

/** Deploys that stand: applied, and not taken back by a later one. The oldest first. */
export const standing = (deploys: readonly Progress[]): Progress[] => {
  const applied = deploys.filter(({ end }) => end?.outcome === 'applied');
  const undone = new Set(applied.flatMap(({ begin }) => (begin.kind === 'undo' ? [begin.of] : [])));
  return applied.filter(({ begin }) => begin.kind === 'apply' && !undone.has(begin.id));
};

/** What we own of Patroni's configuration by now. */
export const ownedBy = (deploys: readonly Progress[]): readonly (readonly string[])[] =>
  standing(deploys).at(-1)?.begin.owned ?? [];

const whatOf = ({ begin }: Progress): string => {
  const files = begin.steps.filter(({ kind }) => kind === 'file').length;
  const settings = begin.steps.reduce((sum, step) => sum + (step.kind === 'settings' ? step.changes.length : 0), 0);
  const restarts = begin.steps.some(({ kind }) => kind.startsWith('restart')) ? ', restart' : '';
  const what = `${plural(files, 'file')}, ${plural(settings, 'setting')}${restarts}`;
  return begin.kind === 'undo' ? `takes back ${begin.of ?? ''}: ${what}` : what;
};

const reasonOf = ({ end, turned, begin }: Progress): string => {
  const forced = begin.forced.length === 0 ? '' : `in spite of lint (${begin.forced.length}) `;
  return `${forced}${end?.why ?? turned ?? ''}`.trim();
};

/** Every deploy, the latest first. */
export const historyText = (deploys: readonly Progress[], isAtWork: boolean): string => {
  if (deploys.length === 0) return 'Nothing was deployed yet.';
  const stands = new Set(standing(deploys).map(({ begin }) => begin.id));
  const rows = deploys
    .toReversed()
    .map((deploy) => [
      ...[deploy.begin.id, deploy.begin.by.user, whatOf(deploy)],
      deploy.end?.outcome === 'applied' && deploy.begin.kind === 'apply' && !stands.has(deploy.begin.id)
        ? 'applied, taken back later'
        : outcomeOf(deploy, isAtWork),
      reasonOf(deploy),
    ]);
  return aligned([['DEPLOY', 'BY', 'WHAT', 'OUTCOME', 'WHY'], ...rows]);
};

export const historyJson = (deploys: readonly Progress[], isAtWork: boolean): object =>
  deploys.toReversed().map((deploy) => ({
    ...{ id: deploy.begin.id, cluster: deploy.begin.cluster, kind: deploy.begin.kind, of: deploy.begin.of },
    ...{ at: deploy.begin.at, ended: deploy.end?.at ?? null, by: deploy.begin.by.user, host: deploy.begin.by.host },
    ...{
      outcome: deploy.end?.outcome ?? (isAtWork ? 'at work' : 'cut off'),
      why: deploy.end?.why ?? deploy.turned ?? null,
    },
    ...{ forced: deploy.begin.forced, before: deploy.begin.before.score, steps: deploy.begin.steps.map(stepText) },
  }));

/** One deploy, act by act. */
export const deployText = ({ begin, entries }: Progress): string =>
  [
    `${begin.id}: ${begin.kind === 'undo' ? `takes back ${begin.of ?? ''}` : 'deploy'} to ${begin.cluster} by ${begin.by.user} on ${begin.by.host}`,
    ...begin.forced.map((finding) => `  in spite of ${finding}`),
    ...entries.flatMap((one) => {
      const at = one.at.slice(11, 19);
      const step = 'step' in one ? begin.steps[one.step] : undefined;
      const what = step === undefined ? '' : stepText(step);
      switch (one.entry) {
        case 'begin':
          return [];
        case 'doing':
        case 'undoing':
          return [`  ${at}  ${one.entry}: ${what}`];
        case 'done':
        case 'undone':
          return [`  ${at}  ${one.entry}${one.detail === null ? '' : `: ${one.detail}`}`];
        case 'turning back':
          return [`  ${at}  turned back: ${one.why}`];
        case 'note':
          return [`  ${at}  ${one.text}`];
        case 'end':
          return [`  ${at}  ${one.outcome}${one.why === null ? '' : `: ${one.why}`}`];
      }
    }),
  ].join('\n');
