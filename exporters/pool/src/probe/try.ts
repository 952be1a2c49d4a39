import {
  type Clock,
  connectSql,
  type ConnectStep,
  deadlineIn,
  Problem,
  problemFrom,
  type SqlOptions,
  whereOf,
} from '@submilli/core';
import { explainClient } from '../problems';
import { type Phase, PHASES, type Try } from './results';

/** Where a try has come to, for whoever loses patience meanwhile. */
export type Progress = { phase: Phase };

export type TryOptions = {
  readonly sql: Omit<SqlOptions, 'onStep'>;
  /** The most that the whole may take, in milliseconds. */
  readonly patienceMs: number;
  readonly progress: Progress;
};

const TRIVIAL = 'SELECT 1';

const nextOf = (phase: Phase): Phase => PHASES[PHASES.indexOf(phase) + 1] ?? phase;

/** A clock that gives the phase that begins now, and keeps what those before took. */
const stopwatch = (clock: Clock, progress: Progress) => {
  const seconds = new Map<Phase, number>();
  let since = clock.monotonic();
  return {
    seconds,
    begin: (): void => {
      seconds.clear();
      progress.phase = 'connect';
      since = clock.monotonic();
    },
    done: (): void => {
      const now = clock.monotonic();
      seconds.set(progress.phase, (now - since) / 1000);
      progress.phase = nextOf(progress.phase);
      since = now;
    },
  };
};

/** Connects, runs a trivial statement twice, leaves; times each phase. Never throws. */
export const tryOnce = async ({ sql, patienceMs, progress }: TryOptions): Promise<Try> => {
  const watch = stopwatch(sql.clock, progress);
  const onStep = (step: ConnectStep): void => (step === 'connecting' ? watch.begin() : watch.done());
  const deadline = deadlineIn(patienceMs, sql.clock);
  try {
    const { session, close } = await connectSql({ ...sql, onStep }, deadline);
    try {
      watch.done();
      await session.query(TRIVIAL, [], deadline);
      watch.done();
      await session.query(TRIVIAL, [], deadline);
      watch.done();
    } finally {
      await close();
    }
    return { seconds: watch.seconds, failure: null };
  } catch (error) {
    const problem = problemFrom(error, whereOf(sql.address));
    const told = explainClient(problem, whereOf(sql.address), sql.address.user);
    return {
      seconds: watch.seconds,
      failure: { phase: progress.phase, problem: told instanceof Problem ? told : problem },
    };
  }
};
