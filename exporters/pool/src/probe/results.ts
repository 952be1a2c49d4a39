import { emptyHistogram, type Histogram, observe, type Problem, WAIT_BUCKETS } from '@submilli/core';

/** Through PgBouncer, or past it to the server. */
export const PATHS = ['pool', 'direct'] as const;
export type Path = (typeof PATHS)[number];

/**
 * What a client goes through: the transport, TLS included; being let in; until the session is ready; the first
 * statement, which waits for a server; another one.
 */
export const PHASES = ['connect', 'authentication', 'startup', 'first_statement', 'statement'] as const;
export type Phase = (typeof PHASES)[number];

/** One try: how long each phase took that it came through, and where and why it ended if not well. */
export type Try = {
  readonly seconds: ReadonlyMap<Phase, number>;
  readonly failure: { readonly phase: Phase; readonly problem: Problem } | null;
};

type Result = {
  readonly tries: number;
  readonly ok: boolean;
  readonly problem: Problem | null;
  readonly phases: ReadonlyMap<Phase, Histogram>;
  readonly failures: ReadonlyMap<string, Failures>;
};

type Failures = { readonly phase: Phase; readonly reason: string; readonly count: number };

/** What all tries of one path came to. */
export type Results = ReadonlyMap<Path, Result>;

const nothing: Result = { tries: 0, ok: true, problem: null, phases: new Map(), failures: new Map() };

const withFailure = (failures: Result['failures'], failure: Try['failure']): Result['failures'] => {
  if (failure === null) return failures;
  const { phase, problem } = failure;
  const key = `${phase} ${problem.kind}`;
  const count = (failures.get(key)?.count ?? 0) + 1;
  return new Map([...failures, [key, { phase, reason: problem.kind, count }]]);
};

/**
 * With one more try. Phases that came through count, also of a try that failed later; a failure that was counted as late
 * is not counted again.
 */
export const withTry = (results: Results, path: Path, { seconds, failure }: Try, wasLate = false): Results => {
  const before = results.get(path) ?? nothing;
  const phases = new Map(before.phases);
  for (const [phase, value] of seconds)
    phases.set(phase, observe(phases.get(phase) ?? emptyHistogram(WAIT_BUCKETS), value));
  return new Map([
    ...results,
    [
      path,
      {
        ...{ tries: before.tries + 1, phases, failures: withFailure(before.failures, wasLate ? null : failure) },
        ...{ ok: failure === null, problem: failure?.problem ?? null },
      },
    ],
  ]);
};

/** With the news that a try takes too long; it goes on, and is counted as a try when it ends. */
export const withLate = (results: Results, path: Path, failure: NonNullable<Try['failure']>): Results => {
  const before = results.get(path) ?? nothing;
  const failures = withFailure(before.failures, failure);
  return new Map([...results, [path, { ...before, failures, ok: false, problem: failure.problem }]]);
};
