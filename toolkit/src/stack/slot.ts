import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SubmilliError } from '@submilli/core';
import type { ServiceStatus } from './events';
import { pathOn } from '../hosts/enter';
import type { NetworkRecord } from '../hosts/record';
import { launch, type End, type Launched } from './launch';
import type { Layout } from './layout';
import { endProcess, isAlive, postmasterOf } from './procs';
import { nextRestart } from './restart';
import type { Service } from './service';
import type { ServiceRecord } from './state';

const LOOK_MS = 2000;
const POLL_MS = 100;

/** A service in the hands of the supervisor. */
export type Slot = {
  readonly service: Service;
  readonly record: () => ServiceRecord;
  /** Starts it and waits until it is ready. Throws a `SubmilliError`; the process may then still run. */
  readonly start: (signal: AbortSignal, say: (detail: string) => void) => Promise<string | undefined>;
  readonly stop: (hurry?: AbortSignal) => Promise<void>;
  readonly look: () => Promise<ServiceStatus>;
};

export type SlotEvents = {
  /** Something in the record changed. */
  readonly changed: () => void;
  /** It ended by itself and stays down. */
  readonly ended: (name: string, reason: string) => void;
  readonly restarted: (name: string, reason: string) => void;
  /** The hosts as they are now. */
  readonly network: () => NetworkRecord | null;
};

export const makeSlot = (service: Service, layout: Layout, events: SlotEvents): Slot => {
  let record = firstRecord(service, layout);
  let launched: Launched | undefined;
  let restartTimer: NodeJS.Timeout | undefined;
  let starting: Promise<unknown> = Promise.resolve();
  const starts: number[] = [];

  const set = (change: Partial<ServiceRecord>): void => {
    record = { ...record, ...change };
    events.changed();
  };

  const spawnIt = async (): Promise<Launched> => {
    set({ state: 'starting', reason: null, dataDir: dataDirOf(service, events.network()) });
    starts.push(Date.now());
    const own = await launch(service, layout, events.network());
    launched = own;
    set({ process: own.process });
    void own.ended.then((end) => onEnd(own, end));
    return own;
  };

  const onEnd = (own: Launched, end: End): void => {
    if (launched !== own) return;
    if (record.state === 'stopping') return;
    const reason = whyEnded(end, own);
    const wasRunning = record.state === 'running';
    set({ state: 'ended', process: null, reason });
    if (!wasRunning) return; // start() is waiting for it and tells
    const next = service.restart && nextRestart(service.restart, starts, Date.now(), end.clean);
    if (next === undefined) {
      events.ended(service.name, reason);
      return;
    }
    events.restarted(service.name, reason);
    restartTimer = setTimeout(() => void restart(), next.afterMs);
  };

  const restart = async (): Promise<void> => {
    try {
      await spawnIt();
      set({ state: 'running', restarts: record.restarts + 1 });
    } catch (error) {
      set({ state: 'ended', reason: messageOf(error) });
      events.ended(service.name, messageOf(error));
    }
  };

  const startIt: Slot['start'] = async (signal, say) => {
    if (record.process !== null && isAlive(record.process)) return undefined;
    const own = await spawnIt();
    const note = await untilReady(service, own, signal, say);
    set({ state: 'running' });
    return note;
  };

  const start: Slot['start'] = (signal, say) => {
    const own = startIt(signal, say);
    starting = own.catch(() => undefined);
    return own;
  };

  const stop: Slot['stop'] = async (hurry) => {
    clearTimeout(restartTimer);
    await starting; // a process may be about to appear
    const { process, dataDir, stopSeconds, state } = record;
    const stopSignal = record.stopSignal as NodeJS.Signals;
    if (state === 'waiting' || state === 'stopped') return;
    set({ state: 'stopping' });
    const target = process ?? { pid: 0, startTime: 'none' };
    await endProcess({ ...target, stopSignal, stopSeconds, dataDir: dataDir ?? undefined }, hurry);
    set({ state: 'stopped', process: null, reason: null });
  };

  const look: Slot['look'] = async () => {
    if (record.state !== 'running') {
      const notes = [record.reason, orphanNote(record)].filter((note) => note !== null);
      return { ...record, healthy: false, note: notes.join('; ') || null };
    }
    try {
      return { ...record, healthy: true, note: (await service.ready(AbortSignal.timeout(LOOK_MS))) ?? null };
    } catch (error) {
      return { ...record, healthy: false, note: messageOf(error) };
    }
  };

  return { service, record: () => record, start, stop, look };
};

/** Where a data directory is for us: a host's disks are mounted there only. */
const dataDirOf = ({ dataDir, host }: Service, network: NetworkRecord | null): string | null =>
  dataDir === undefined || host === undefined ? (dataDir ?? null) : pathOn(network, host, dataDir);

const orphanNote = ({ dataDir }: ServiceRecord): string | null =>
  dataDir !== null && postmasterOf(dataDir) !== undefined ? 'its PostgreSQL still runs, unattended' : null;

const whyEnded = (end: End, launched: Launched): string => {
  const line = end.clean ? undefined : launched.tellingLine();
  const what = end.words.startsWith('SIG') ? `was killed by ${end.words}` : `ended with ${end.words}`;
  return line === undefined || end.words === 'SIGKILL' ? what : `${what}: ${line}`;
};

const untilReady = async (
  service: Service,
  launched: Launched,
  signal: AbortSignal,
  say: (detail: string) => void,
): Promise<string | undefined> => {
  const deadline = Date.now() + service.readySeconds * 1000;
  let end: End | undefined;
  void launched.ended.then((e) => (end = e));
  for (;;) {
    const { note, problem } = await service.ready(AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)])).then(
      (n) => ({ note: n, problem: undefined }),
      (e: unknown) => ({ note: undefined, problem: messageOf(e) }),
    );
    signal.throwIfAborted();
    if (end !== undefined) throw startFailed(service, whyEnded(end, launched));
    if (problem === undefined) return note;
    if (Date.now() > deadline) {
      const line = launched.tellingLine();
      const log = line === undefined ? '' : `; the log says: ${line}`;
      throw startFailed(service, `is not ready after ${service.readySeconds} s (${problem})${log}`);
    }
    say(problem);
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};

const startFailed = ({ name }: Service, what: string): SubmilliError =>
  new SubmilliError({ what: `${name} ${what}`, hint: `More in its log: npx submilli stack logs ${name}` });

const firstRecord = (service: Service, layout: Layout): ServiceRecord => ({
  name: service.name,
  title: service.title,
  host: service.host ?? null,
  state: 'waiting',
  process: null,
  reason: null,
  endpoints: [...service.endpoints],
  log: layout.logOf(service.name),
  stopSignal: service.stopSignal ?? 'SIGTERM',
  stopSeconds: service.stopSeconds ?? 10,
  dataDir: service.host === undefined ? (service.dataDir ?? null) : null, // there when the host is
  restarts: 0,
});
