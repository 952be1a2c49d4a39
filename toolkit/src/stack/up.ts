import { setTimeout as sleep } from 'node:timers/promises';
import { SubmilliError } from '@submilli/core';
import { servicesAccount } from '../debian/account';
import { installPackages, missingPackages, packagesFor, whyNotInstall } from '../debian/packages';
import { debianPlan } from '../debian/plan';
import { embeddedPlan } from '../embedded/plan';
import { askSupervisor, serveControl, socketPath } from './control';
import { createdKind, refuseOtherKind } from './created';
import type { Emit } from './events';
import { layoutOf, type Layout } from './layout';
import { stopLeftovers } from './leftovers';
import type { Plan, PlanOptions } from './plan';
import { preflight, prepareStateDir } from './preflight';
import { readState, supervisorAlive } from './state';
import { makeSupervisor } from './supervisor';
import { statusTable } from './table';

export type UpOptions = {
  readonly state: string;
  readonly from: string;
  readonly rate: number;
  readonly backupEvery: number;
  readonly processes: 1 | 4;
  readonly embedded: boolean;
  readonly preview: boolean;
  readonly webhook: string | undefined;
  readonly hosts: boolean;
  readonly routes: boolean;
  readonly yes: boolean;
};

type Say = (line: string) => void;

/** True, and said, when a stack already runs in this state directory. Cleans up after one whose supervisor was killed. */
export const alreadyRuns = async (state: string, say: Say): Promise<boolean> => {
  const layout = layoutOf(state);
  const recorded = readState(layout);
  if (recorded === undefined) return false;
  if (!supervisorAlive(recorded)) {
    say('The last stack here was cut off: stopping what it left running.');
    await stopLeftovers(layout, recorded);
    return false;
  }
  const { status } = await askSupervisor(recorded.socket, { command: 'status' });
  say(`A stack already runs here (${status?.phase ?? recorded.phase}).\n`);
  if (status !== undefined) say(statusTable(status));
  say('\nStop it with: npx submilli stack down');
  return true;
};

/** Which kind of stack to start, with the Debian packages for it installed. */
export const prepareKind = async ({ state, embedded, yes }: UpOptions, say: Say): Promise<Plan['kind']> => {
  const layout = layoutOf(state);
  const kind = embedded ? 'embedded' : (createdKind(layout) ?? (await kindByPackages(yes, say)));
  refuseOtherKind(layout, kind);
  return kind;
};

const kindByPackages = async (yes: boolean, say: Say): Promise<Plan['kind']> => {
  const why = whyNotInstall();
  const missing = missingOrNone();
  if (missing?.length === 0) return 'debian';
  if (why !== undefined || missing === undefined) {
    say(`Debian's packages can't be had here: ${why ?? 'there is no dpkg'}. Starting the embedded stack instead.`);
    say(`The whole one needs: ${packagesFor('stack').join(' ')}`);
    return 'embedded';
  }
  await installPackages(missing, { yes, say });
  return 'debian';
};

const missingOrNone = (): string[] | undefined => {
  try {
    return missingPackages(packagesFor('stack'));
  } catch (error) {
    if (error instanceof SubmilliError) return undefined;
    throw error;
  }
};

/** Brings the stack up in this process and stays until it is down. Resolves with the exit code. */
export const runStack = async (options: UpOptions, kind: Plan['kind'], emit: Emit): Promise<number> => {
  const state = prepareStateDir(options.state, servicesAccount());
  const layout: Layout = layoutOf(state);
  const planOptions: PlanOptions = { ...options, state };
  const plan = kind === 'debian' ? await debianPlan(planOptions) : await embeddedPlan(planOptions);
  await preflight(plan, layout);
  const socket = socketPath(state);
  const supervisor = makeSupervisor(plan, layout, socket, emit);
  const control = await serveControl(socket, supervisor);
  let asked = 0;
  const onSignal = (): void => {
    asked += 1;
    if (asked > 1) supervisor.hurry();
    else {
      emit({ kind: 'note', text: '\nStopping; once more for less patience.' });
      void supervisor.down();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    await supervisor.up();
  } catch (error) {
    if (asked > 0) return 130;
    throw error;
  } finally {
    if (asked > 0) await supervisor.ended;
  }
  await supervisor.ended;
  await Promise.race([control.close(), sleep(2000)]);
  return 0;
};
