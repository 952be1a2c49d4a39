import { join } from 'node:path';
import { isSameFile, openBackup, refOf } from './backup';
import type { DeployCluster } from './cluster';
import { isSameValue, nameOf, valueAt } from './dcs';
import { patroniOf } from '../drill/patroni';
import { EXIT } from './exit';
import { ownedBy, standing } from './history';
import { deploysIn, type Progress, readDeploys, unfinishedOf } from './journal';
import { begin, goBack, goOn, lockedFor, refuse, type Site, type Wishes } from './perform';
import { stepText } from './show';
import { inOrder, inverse, type Step } from './step';

/** Takes back what was cut off; else the named deploy, or the last that stands, by a deploy of its own. */
export const performRollback = (site: Site, id: string | undefined, wishes: Wishes): Promise<number> =>
  lockedFor(site.cluster, 'deploy rollback', async () => {
    const { cluster } = site;
    const deploys = readDeploys(cluster.work);
    const unfinished = unfinishedOf(deploys);
    if (unfinished !== undefined) {
      if (id !== undefined && id !== unfinished.begin.id) {
        refuse(
          `${unfinished.begin.id} was cut off: that one comes first`,
          'Say submilli deploy rollback, without a name.',
        );
      }
      const code = await goOn(site, unfinished.begin.id, wishes, goBack);
      return code === EXIT.rolledBack ? EXIT.done : code; // as was asked for
    }
    const chosen = choose(deploys, id);
    const steps = undoing(chosen.begin.steps);
    await requireUntouched(cluster, steps);
    const lines = [`Taking back ${chosen.begin.id}:`, ...steps.map((step) => `  ${stepText(step)}`)];
    (wishes.json ? console.error : console.log)(lines.join('\n'));
    if (steps.some(({ kind }) => kind.startsWith('restart')) && !wishes.allowRestart) {
      refuse('it takes a restart', 'Nothing was changed. Say --allow-restart.');
    }
    const kept = openBackup(join(deploysIn(cluster.work), chosen.begin.id, 'blobs'));
    return begin(site, wishes, {
      ...{ kind: 'undo', of: chosen.begin.id, steps, forced: [] },
      owned: ownedBy(deploys.filter((deploy) => deploy !== chosen)).map((path) => [...path]),
      keep: (backup) => {
        for (const step of steps) {
          if (step.kind === 'file') for (const ref of [step.before, step.after]) backup.keep(kept.load(ref));
        }
      },
    });
  });

export const undoing = (steps: readonly Step[]): Step[] =>
  inOrder(steps.map((step) => ({ step: inverse(step) }))).map(({ step }) => step);

const choose = (deploys: readonly Progress[], id: string | undefined): Progress => {
  const stands = standing(deploys);
  const chosen = id === undefined ? stands.at(-1) : stands.find(({ begin: { id: own } }) => own === id);
  if (chosen !== undefined) return chosen;
  const names = stands.map(({ begin: { id: own } }) => own).join(', ');
  const hint = names === '' ? 'See submilli deploy history.' : `Those that stand: ${names}`;
  return refuse(
    id === undefined ? 'no deploy stands that could be taken back' : `${id} is no deploy that stands`,
    hint,
  );
};

/** All must be as that deploy left it: what somebody changed since is not ours to take back. */
const requireUntouched = async (cluster: DeployCluster, steps: readonly Step[]): Promise<void> => {
  const conflicts: string[] = [];
  const dcs = await patroniOf(cluster).rawConfig();
  for (const step of steps) {
    if (step.kind === 'file') {
      const machine = cluster.machines.get(step.machine);
      const now = refOf((await machine?.read([step.path]))?.get(step.path)?.file);
      if (!isSameFile(now, step.before) && !isSameFile(now, step.after)) conflicts.push(`${step.machine}:${step.path}`);
    }
    if (step.kind === 'settings') {
      for (const { path, before, after } of step.changes) {
        const now = valueAt(dcs, path);
        if (!isSameValue(now, before) && !isSameValue(now, after)) conflicts.push(nameOf(path));
      }
    }
  }
  if (conflicts.length === 0) return;
  refuse(
    `somebody changed since what it put there: ${conflicts.join(', ')}`,
    'Nothing was changed. Take back a later deploy first (submilli deploy history), or change submilli.yml and apply.',
  );
};
