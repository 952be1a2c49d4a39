import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, type Problem, problemFrom } from '@submilli/core';
import { type Operation, type Path, type Results, withMissed, withTry } from './results';
import { dueAt, overdueAt, type Schedule, startSchedule, takeNext, without } from './schedule';
import type { CanarySession } from './session';

/** One path at work until it is stopped: a try at each of its moments, one at a time. */
export type PathCanary = {
  /** Tries that are due and held up by one that is under way. */
  readonly overdue: () => number;
  readonly stop: () => Promise<void>;
};

export type PathOptions = {
  readonly path: Path;
  readonly session: CanarySession;
  readonly rateHz: number;
  readonly write: boolean;
  readonly where: string;
  readonly clock: Clock;
  readonly change: (how: (results: Results) => Results) => void;
  /** The outcome of the last try. */
  readonly told: (problem: Problem | null) => void;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

/** Whether a server takes writes is asked again after so long: roles move. */
const ROLE_HOLDS_MS = 1000;
/** After a failure the next try waits a little, as a client would; those that fall due meanwhile fail with it. */
const REST_MS = 250;

const sleepFor: NonNullable<PathOptions['sleep']> = (ms, signal) =>
  pause(ms, undefined, { ref: false, signal }).catch(() => undefined);

export const startPathCanary = (options: PathOptions): PathCanary => {
  const { path, session, rateHz, write, where, clock, change, told, sleep = sleepFor } = options;
  const stopping = new AbortController();
  let schedule: Schedule = startSchedule(clock.monotonic(), rateHz);
  let askedAt = -Infinity;
  let writable = false;
  let isBusy = false;
  /** When the last try was over: what was due before that was held up by the target, what comes after only by us. */
  let freeAt = -Infinity;

  const askRole = async (): Promise<void> => {
    writable = await session.mayWrite();
    askedAt = clock.monotonic();
  };
  const isRoleOld = (at: number): boolean => at - askedAt >= ROLE_HOLDS_MS;
  const isWriteTurn = (turn: number): boolean => write && turn % 2 === 1;
  const operationOf = (turn: number): Operation => (isWriteTurn(turn) && writable ? 'write' : 'read');

  /** Asked between tries, so that the question is no part of what is measured. Who fails here fails there too. */
  const askAhead = async (): Promise<void> => {
    const due = dueAt(schedule);
    if (!isWriteTurn(schedule.done) || !isRoleOld(due) || due <= clock.monotonic()) return;
    await askRole().catch(() => undefined);
    freeAt = clock.monotonic();
  };

  /** A try that failed takes those with it that fell due meanwhile: a client that came then had no more luck. */
  const failWith = (problem: Problem): void => {
    const count = overdueAt(schedule, clock.monotonic() + REST_MS);
    for (let turn = schedule.done; turn < schedule.done + count; turn += 1) {
      const failed = { operation: operationOf(turn), seconds: 0, commit: null, problem, isLate: false };
      change((results) => withTry(results, path, failed));
    }
    schedule = without(schedule, count);
  };

  const tryOne = async (): Promise<void> => {
    const started = clock.monotonic();
    const next = takeNext(schedule, started);
    const turn = next.schedule.done - 1;
    const isLate = next.due < freeAt;
    const from = isLate ? next.due : started;
    schedule = next.schedule;
    isBusy = true;
    try {
      if (isWriteTurn(turn) && isRoleOld(started)) await askRole();
      const commit = await session.run(operationOf(turn));
      freeAt = clock.monotonic();
      const seconds = (freeAt - from) / 1000;
      change((results) =>
        withTry(results, path, { operation: operationOf(turn), seconds, commit, problem: null, isLate }),
      );
      told(null);
    } catch (error) {
      freeAt = clock.monotonic();
      const problem = problemFrom(error, where);
      const failed = { operation: operationOf(turn), seconds: 0, commit: null, problem, isLate };
      change((results) => withTry(results, path, failed));
      failWith(problem);
      askedAt = -Infinity;
      told(problem);
    }
    isBusy = false;
    change((results) => withMissed(results, path, operationOf(turn), next.missed));
  };

  const work = async (): Promise<void> => {
    // Connecting is no part of the first try; if that fails, the first try says so.
    await askRole().catch(() => undefined);
    schedule = startSchedule(clock.monotonic(), rateHz);
    while (!stopping.signal.aborted) {
      const wait = dueAt(schedule) - clock.monotonic();
      if (wait > 0) await sleep(wait, stopping.signal);
      if (stopping.signal.aborted) return;
      await tryOne();
      await askAhead();
    }
  };
  const working = work();

  return {
    overdue: () => (isBusy ? overdueAt(schedule, clock.monotonic()) : 0),
    stop: async () => {
      stopping.abort();
      await session.close();
      await working;
    },
  };
};
