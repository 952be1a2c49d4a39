import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';
import { isPrimaryRole, type Patroni } from '../drill/patroni';
import type { DrillMember } from '../drill/topology';
import { pausePool, resumePool } from '../drill/pool';
import { switchOver } from '../drill/switchover';
import type { Access } from './cluster';
import { type Health, lookAt, worseThan } from './health';
import type { StepOf } from './step';

const FLAGGED_SECONDS = 8;
const WHOLE_SECONDS = 90;
const RESTART_SECONDS = 60;
const LOOK_MS = 300;
const PAUSE_MS = 3000;

export type Restarting = {
  readonly access: Access;
  readonly patroni: Patroni;
  readonly step: StepOf<'restart-members'>;
  /** How the cluster is to be again before the next member has its turn. */
  readonly before: Health;
  readonly say: (detail: string) => void;
  readonly note: (text: string) => void;
};

type State = {
  readonly leader: DrillMember;
  readonly pending: readonly DrillMember[];
  readonly ready: readonly DrillMember[];
};

/** What to do next, so that each member that waits for a restart has it and clients notice as little as can be. */
export type Next =
  | { readonly act: 'nothing' }
  | { readonly act: 'restart'; readonly member: string }
  | { readonly act: 'switchover'; readonly to: string };

/**
 * Looks at who leads and who waits now, whatever happened before: it can be asked again after a kill or a failover.
 * `restarted` are standbys that still wait after a restart: they can't have less than their primary.
 */
export const nextRestart = (
  state: { readonly leader: string; readonly pending: readonly string[]; readonly standbys: readonly string[] },
  lowers: boolean,
  restarted: ReadonlySet<string>,
): Next => {
  const { leader, pending, standbys } = state;
  if (pending.length === 0) return { act: 'nothing' };
  if (lowers && pending.includes(leader)) return { act: 'restart', member: leader };
  const standby = standbys.find((name) => pending.includes(name) && !restarted.has(name));
  if (standby !== undefined) return { act: 'restart', member: standby };
  if (!pending.includes(leader)) return { act: 'nothing' };
  const to = standbys.find((name) => !pending.includes(name));
  return to === undefined ? { act: 'restart', member: leader } : { act: 'switchover', to };
};

export const restartMembers = async (restarting: Restarting): Promise<string> => {
  const { access, patroni, step, note } = restarting;
  const did: string[] = [];
  const restarted = new Set<string>();
  // Whoever was cut off here, with the machine perhaps, may have left them waiting.
  await letGo(access).catch(() => undefined);
  await untilFlagged(restarting);
  for (let turn = 0; turn < 2 * access.members.length + 2; turn += 1) {
    const state = await untilWhole(restarting);
    const next = nextRestart(
      { leader: state.leader.name, pending: namesOf(state.pending), standbys: namesOf(state.ready) },
      step.lowers,
      restarted,
    );
    if (next.act === 'nothing') break;
    if (next.act === 'switchover') {
      await switchTo(restarting, state, next.to);
      did.push(`switched over to ${next.to}`);
    } else {
      const member = memberNamed(access, next.member);
      const leads = member === state.leader;
      await (leads ? restartInPlace(restarting, member) : patroni.restart(member, RESTART_SECONDS));
      if (leads) restarted.clear();
      else restarted.add(member.name);
      did.push(`restarted ${member.name}${leads ? ', the primary' : ''}`);
    }
    note(did.at(-1) ?? '');
  }
  const { pending } = await untilWhole(restarting);
  if (pending.length > 0) {
    throw new SubmilliError({
      what: `${namesOf(pending).join(', ')} still waits for a restart`,
      where: access.cluster,
    });
  }
  return did.length === 0 ? 'none was needed any more' : did.join(', ');
};

const namesOf = (members: readonly DrillMember[]): string[] => members.map(({ name }) => name);

const memberNamed = ({ members, cluster }: Access, name: string): DrillMember => {
  const member = members.find((one) => one.name === name);
  if (member === undefined) throw new SubmilliError({ what: `there is no member ${name}`, where: cluster });
  return member;
};

const statusesOf = ({ access: { members }, patroni }: Restarting) =>
  Promise.all(members.map(async (member) => ({ member, status: await patroni.status(member) })));

/** Patroni notices within a round or two what its server can't take as it runs. */
const untilFlagged = async (restarting: Restarting): Promise<void> => {
  const end = Date.now() + FLAGGED_SECONDS * 1000;
  while (Date.now() < end) {
    const statuses = await statusesOf(restarting).catch(() => []);
    if (statuses.filter(({ status }) => status.pending_restart).length >= restarting.step.members.length) return;
    await sleep(LOOK_MS);
  }
};

const untilWhole = async (restarting: Restarting): Promise<State> => {
  const { access, patroni, before, say } = restarting;
  const end = Date.now() + WHOLE_SECONDS * 1000;
  for (;;) {
    const worse = worseThan(before, await lookAt(access, patroni));
    const state =
      worse.length > 0 ? worse.join('; ') : await stateOf(restarting).catch((error: unknown) => messageOf(error));
    if (typeof state !== 'string') return state;
    if (Date.now() > end)
      throw new SubmilliError({ what: `after ${WHOLE_SECONDS} s: ${state}`, where: access.cluster });
    say(state);
    await sleep(LOOK_MS);
  }
};

const stateOf = async (restarting: Restarting): Promise<State> => {
  const statuses = await statusesOf(restarting);
  const leader = statuses.find(({ status }) => isPrimaryRole(status.role));
  if (leader === undefined) throw new Error('there is no leader');
  const synchronous = await synchronousBy(restarting);
  const ofOurs = statuses.filter(({ member }) => restarting.step.members.includes(member.name));
  return {
    leader: leader.member,
    pending: ofOurs.filter(({ status }) => status.pending_restart).map(({ member }) => member),
    ready: statuses
      .filter(({ member }) => member !== leader.member)
      .map(({ member }) => member)
      .toSorted((a, b) => Number(synchronous.has(b.name)) - Number(synchronous.has(a.name))),
  };
};

/** Nothing here writes down that pools wait: whoever watches over this process lets them go on when it dies. */
const noJournal = { push: () => undefined, drop: () => undefined, steps: () => [], close: () => undefined };

/** Those that Patroni lets take over: it names them a round later than they stream. */
const synchronousBy = async ({ patroni, before }: Restarting): Promise<ReadonlySet<string>> => {
  const { members } = await patroni.cluster();
  const named = members.filter(({ role }) => /^(sync|quorum)_standby$/.test(role)).map(({ name }) => name);
  if (named.length < before.synchronous.length) throw new Error('Patroni names no synchronous standby yet');
  return new Set(named);
};

/** With the pools' clients waiting where that can be had; else with the errors that any failover has. */
const switchTo = async (restarting: Restarting, { leader }: State, name: string): Promise<void> => {
  const { access, patroni, say, note } = restarting;
  const to = memberNamed(access, name);
  const [first, ...others] = access.pools;
  const topology = { owner: access.superuser, watcher: access.watcher };
  const go = (pool: typeof first): Promise<void> =>
    switchOver({
      topology: { ...topology, pool },
      ...{ patroni, from: leader, to, journal: noJournal, onStep: say },
    });
  try {
    for (const pool of others) await pausePool(pool, PAUSE_MS);
    await go(first);
  } catch (error) {
    await letGo(access);
    const { leader: leads } = await untilWhole(restarting);
    if (leads.name === to.name) return note(`the pools did not follow in time: ${messageOf(error)}`);
    if (!/could not be paused|query_wait_timeout/.test(messageOf(error))) throw error;
    note(`clients of the pool are not made to wait: ${messageOf(error)}`);
    await go(undefined);
  } finally {
    await letGo(access);
  }
};

const letGo = async ({ pools }: Access): Promise<void> => {
  await Promise.all(pools.map(resumePool));
};

/** The primary where it is: its clients wait in the pools meanwhile, if they can. */
const restartInPlace = async ({ access, patroni, note }: Restarting, member: DrillMember): Promise<void> => {
  try {
    for (const pool of access.pools) {
      await pausePool(pool, PAUSE_MS).catch((error: unknown) => {
        note(`clients of ${pool.name} are not made to wait: ${messageOf(error)}`);
      });
    }
    await patroni.restart(member, RESTART_SECONDS);
  } finally {
    await letGo(access);
  }
};
