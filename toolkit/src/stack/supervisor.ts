import { forPeople, messageOf, SubmilliError } from '@submilli/core';
import { buildNetwork, endNetwork } from '../hosts/build';
import type { NetworkRecord } from '../hosts/record';
import type { Emit, StackStatus } from './events';
import { setLogAside } from './launch';
import type { Layout } from './layout';
import { servicesOf, type Plan, type Step } from './plan';
import { boundLogs } from './log-bounds';
import { processWith } from './procs';
import { makeSlot, type Slot } from './slot';
import { removeState, writeState, type StackState } from './state';

/** Runs a plan: brings it up, answers for it, takes it down. */
export type Supervisor = {
  /** Resolves when every step is done. On failure stops all that was started, then rejects with a `SubmilliError`. */
  readonly up: () => Promise<void>;
  readonly status: () => Promise<StackStatus>;
  /** Starts one service again and waits until it is ready. */
  readonly startService: (name: string) => Promise<void>;
  readonly stopService: (name: string) => Promise<void>;
  /** Calls off a start under way and stops everything. Calling it again returns the same promise. */
  readonly down: () => Promise<void>;
  /** No more patience: what is still running is killed. */
  readonly hurry: () => void;
  /** Resolves when the stack is down, whoever asked for it. */
  readonly ended: Promise<void>;
};

export const makeSupervisor = (plan: Plan, layout: Layout, socket: string, emit: Emit): Supervisor => {
  const calledOff = new AbortController();
  const hurried = new AbortController();
  const since = new Date().toISOString();
  let phase: StackState['phase'] = 'starting';
  let network: NetworkRecord | null = null;
  let going: Promise<void> | undefined;
  let whenEnded: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (whenEnded = resolve));

  const write = (): void =>
    writeState(layout, {
      version: 1,
      kind: plan.kind,
      phase,
      since,
      supervisor: processWith(process.pid) ?? { pid: process.pid, startTime: '' },
      socket,
      network,
      services: slots.map((slot) => slot.record()),
      next: [...plan.next],
      notes: [...plan.notes],
    });

  /** A disk that is full for a while ends nothing that runs. */
  const persist = (): void => {
    try {
      write();
    } catch (error) {
      if (phase === 'starting') throw error;
      emit({ kind: 'note', text: `${layout.stateFile} tells of a moment ago: ${messageOf(error)}` });
    }
  };

  const onEnded = (name: string, reason: string): void => {
    if (phase === 'starting') {
      const what = `${name} ${reason} while the stack was starting`;
      calledOff.abort(new SubmilliError({ what, hint: `More in its log: npx submilli stack logs ${name}` }));
    } else if (phase === 'up') {
      emit({ kind: 'note', text: `${name} ${reason}. It stays down until: npx submilli stack start ${name}` });
    }
  };

  const slots: readonly Slot[] = servicesOf(plan).map((service) =>
    makeSlot(service, layout, {
      changed: () => persist(),
      ended: onEnded,
      network: () => network,
      restarted: (name, reason) => emit({ kind: 'note', text: `${name} ${reason}; it will be started again` }),
    }),
  );

  const slotOf = (name: string): Slot => {
    const slot = slots.find(({ service }) => service.name === name);
    if (slot !== undefined) return slot;
    const known = slots.map(({ service }) => service.name).join(', ');
    throw new SubmilliError({ what: `no service of this stack is called ${name}`, hint: `There are: ${known}` });
  };

  const keep = (made: NetworkRecord): void => {
    network = made;
    persist();
  };

  const callOff = (reason: unknown): never => {
    calledOff.abort(reason);
    throw reason;
  };

  const run = async (step: Step): Promise<string | undefined> => {
    const say = (detail: string): void => emit({ kind: 'say', detail });
    const { signal } = calledOff;
    if (step.kind === 'network') {
      await buildNetwork(step.network, { account: step.account, signal, record: keep });
      return step.network.hosts.map(({ name, address }) => `${name} ${address}`).join(', ');
    }
    if (step.kind === 'restart') {
      for (const slot of step.names.map(slotOf)) {
        await slot.stop(hurried.signal);
        await slot.start(signal, say);
      }
      return undefined;
    }
    if (step.kind === 'task') return unlessAborted(step.run({ signal, say }), signal);
    const starts = step.services.map((service) => slotOf(service.name).start(signal, say).catch(callOff));
    await Promise.allSettled(starts); // none may still be starting when the others are stopped
    const notes = await Promise.all(starts);
    return notes.filter((note) => note !== undefined).join(', ');
  };

  const up = async (): Promise<void> => {
    for (const slot of slots) setLogAside(slot.record().log);
    persist();
    try {
      for (const [i, step] of plan.steps.entries()) {
        emit({ kind: 'begin', index: i + 1, total: plan.steps.length, title: step.title });
        emit({ kind: 'done', detail: await run(step) });
      }
    } catch (error) {
      const reason: unknown = calledOff.signal.aborted ? calledOff.signal.reason : error;
      calledOff.abort(reason);
      emit({ kind: 'failed', ...partsOf(reason) });
      await down();
      throw reason;
    }
    phase = 'up';
    persist();
    emit({ kind: 'up', status: await status() });
  };

  const status = async (): Promise<StackStatus> => {
    const services = await Promise.all(slots.map((slot) => slot.look()));
    return { kind: plan.kind, phase, since, services, next: plan.next, notes: plan.notes };
  };

  const takeDown = async (): Promise<void> => {
    phase = 'stopping';
    calledOff.abort(new SubmilliError({ what: 'interrupted' }));
    persist();
    for (const slot of await inStopOrder(plan, slots)) await slot.stop(hurried.signal);
    if (network !== null) await endNetwork(network);
    phase = 'down';
    stopBounding();
    removeState(layout);
    emit({ kind: 'down' });
    whenEnded();
  };
  const down = (): Promise<void> => (going ??= takeDown());
  const stopBounding = boundLogs(layout.logs);

  return {
    up,
    status,
    down,
    ended,
    hurry: () => hurried.abort(),
    startService: async (name) => {
      refuseUnlessUp(phase);
      await slotOf(name).start(calledOff.signal, () => undefined);
    },
    stopService: async (name) => {
      refuseUnlessUp(phase);
      await slotOf(name).stop(hurried.signal);
    },
  };
};

const refuseUnlessUp = (phase: StackState['phase']): void => {
  if (phase !== 'up') throw new SubmilliError({ what: `the stack is ${phase}`, hint: 'Wait until it is up.' });
};

const inStopOrder = async (plan: Plan, slots: readonly Slot[]): Promise<Slot[]> => {
  const backwards = slots.toReversed();
  if (plan.stopOrder === undefined) return backwards;
  const names = await plan.stopOrder(backwards.map(({ service }) => service.name));
  return backwards.toSorted((a, b) => names.indexOf(a.service.name) - names.indexOf(b.service.name));
};

/** A task that doesn't look at its signal is left alone when the start is called off. */
const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });

const partsOf = (error: unknown): { message: string; hint: string | undefined } =>
  error instanceof SubmilliError
    ? { message: error.message, hint: error.hint }
    : { message: forPeople(error), hint: undefined };
