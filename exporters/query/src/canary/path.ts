import type { Problem } from '@submilli/core';
import { type Clock, problemFrom } from '@submilli/core';
import { dueAt, type Schedule, startSchedule, takeNext } from './schedule';
import type { CanarySession } from './session';
import { type Operation, type Path, type Results, withMissed, withTry } from './results';

/** One path at work until it is stopped: a try at each of its moments, one at a time. */
export type PathCanary = { readonly stop: () => Promise<void> };

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
};

/** Whether a server takes writes is asked again after so long: roles move. */
const ROLE_HOLDS_MS = 1000;
/** After a failure the next try waits a little, as a client would; those that fall due meanwhile fail with it. */
const REST_MS = 250;

export const startPathCanary = (options: PathOptions): PathCanary => {
  const { path, session, rateHz, write, where, clock, change, told } = options;
  let schedule: Schedule = startSchedule(clock.monotonic(), rateHz);
  let askedAt = -Infinity;
  let writable = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();

  const isWritable = async (): Promise<boolean> => {
    if (clock.monotonic() - askedAt < ROLE_HOLDS_MS) return writable;
    writable = await session.mayWrite();
    askedAt = clock.monotonic();
    return writable;
  };

  /** Reads and writes take turns, if the target is to be written to, and can be. */
  const operationOf = async (turn: number): Promise<Operation> =>
    write && turn % 2 === 1 && (await isWritable()) ? 'write' : 'read';

  const tryOne = async (): Promise<number> => {
    const turn = schedule.done;
    const started = clock.monotonic();
    const { schedule: next, due, missed } = takeNext(schedule, started);
    schedule = next;
    let operation: Operation = write && turn % 2 === 1 && writable ? 'write' : 'read';
    // A timer may be a little early.
    const from = Math.min(due, started);
    const ended = (): number => (clock.monotonic() - from) / 1000;
    try {
      operation = await operationOf(turn);
      const commit = await session.run(operation);
      const done = { operation, seconds: ended(), commit, problem: null };
      change((results) => withTry(withMissed(results, path, operation, missed), path, done));
      told(null);
      return 0;
    } catch (error) {
      const problem = problemFrom(error, where);
      askedAt = -Infinity;
      const failed = { operation, seconds: ended(), commit: null, problem };
      change((results) => withTry(withMissed(results, path, operation, missed), path, failed));
      told(problem);
      return REST_MS;
    }
  };

  const loop = (afterMs: number): void => {
    const wait = Math.max(afterMs, dueAt(schedule) - clock.monotonic());
    timer = setTimeout(
      () => {
        running = tryOne().then((rest) => {
          if (!stopped) loop(rest);
        });
      },
      Math.max(0, wait),
    );
    timer.unref();
  };
  loop(0);

  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await session.close();
      await running;
    },
  };
};
