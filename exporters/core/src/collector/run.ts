import type { Clock, Deadline } from '../clock';
import type { Logger } from '../log';
import { emittersOf, type Sample } from '../metrics/declare';
import { problemFrom, type Problem } from '../problem';
import type { AnyCollector, Env, Skip } from './define';

/** What a collector last did, with what it read; replaced as a whole, so a reader never sees half of it. */
export type Run =
  | { readonly state: 'pending' }
  | { readonly state: 'skipped'; readonly skip: Skip }
  | { readonly state: 'failed'; readonly at: number; readonly durationMs: number; readonly problem: Problem }
  | {
      readonly state: 'ok';
      readonly at: number;
      readonly durationMs: number;
      readonly data: unknown;
      readonly samples: readonly Sample[];
    };

/** Thrown by a read that finds out only there that it can't run, and why: no failure, but a skip. */
export class Skipped extends Error {
  readonly skip: Skip;

  constructor(skip: Skip) {
    super(skip.detail);
    this.name = 'Skipped';
    this.skip = skip;
  }
}

/** What is left of a read that threw. */
export const endOf = (thrown: unknown, at: number, durationMs: number, where: string): Run =>
  thrown instanceof Skipped
    ? { state: 'skipped', skip: thrown.skip }
    : { state: 'failed', at, durationMs, problem: problemFrom(thrown, where) };

/** Reads and publishes once. Never throws: a failure is a result like any other. */
export const runCollector = async <S, F>(
  collector: AnyCollector<S, F>,
  session: S,
  env: Env<F>,
  deadline: Deadline,
  where: string,
  clock: Clock,
): Promise<Run> => {
  const at = clock.monotonic();
  try {
    const data: unknown = await collector.read(session, env, deadline);
    const samples = [...collector.publish(data, emittersOf(collector.metrics), env)];
    return { state: 'ok', at, durationMs: clock.monotonic() - at, data, samples };
  } catch (error) {
    return endOf(error, at, clock.monotonic() - at, where);
  }
};

/** One log line when the state of a collector changes, none while it stays the same. */
export const logChange = (log: Logger, target: string, collector: string, before: Run, after: Run): void => {
  const fields = { target, collector };
  if (after.state === 'failed' && (before.state !== 'failed' || before.problem.message !== after.problem.message)) {
    const { kind, hint, message } = after.problem;
    log.warn({ ...fields, kind, hint }, `${collector} failed: ${message}`);
  } else if (after.state === 'ok' && before.state === 'failed') {
    log.info(fields, `${collector} works again`);
  } else if (after.state === 'skipped' && (before.state !== 'skipped' || before.skip.detail !== after.skip.detail)) {
    const { reason, detail, remedy } = after.skip;
    log.info({ ...fields, reason, remedy }, `${collector} is skipped: ${detail}`);
  }
};
