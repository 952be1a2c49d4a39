/** How a transaction ended: done, or why it was given up, in pgbench's words. */
export const failures = ['serialization', 'deadlock', 'failed', 'skipped'] as const;
export type Outcome = 'done' | (typeof failures)[number];

/** One transaction of pgbench's log. Times in seconds. */
export type LogLine = {
  readonly script: number;
  readonly outcome: Outcome;
  /** From when it was due (with a rate), or sent (without one), to its end; 0 unless it is done. */
  readonly seconds: number;
  /** Since the epoch. */
  readonly endedAt: number;
  /** Of `seconds`, how long it was due and not yet sent, since its client was busy; 0 without a rate. */
  readonly lag: number;
  /** Tries after the first. */
  readonly retries: number;
};

/** What pgbench was asked to log, which is not in the log itself. */
export type LogFormat = { readonly rated: boolean; readonly retried: boolean };

const MICROSECONDS = 1e6;

/**
 * Reads a line: client, transaction, microseconds or why not, script, end (seconds and microseconds), then the lag if
 * there is a rate, then the retries if there are any. Undefined for what is none, such as one that was cut off.
 */
export const parseLogLine = (line: string, { rated, retried }: LogFormat): LogLine | undefined => {
  const fields = line.split(' ');
  if (fields.length !== 6 + Number(rated) + Number(retried)) return undefined;
  const [, , time = '', script, second, micros, ...rest] = fields;
  const outcome: Outcome = failures.find((word) => word === time) ?? 'done';
  const seconds = outcome === 'done' ? Number(time) / MICROSECONDS : 0;
  const endedAt = Number(second) + Number(micros) / MICROSECONDS;
  const lag = rated ? Number(rest[0]) / MICROSECONDS : 0;
  const retries = retried ? Number(rest.at(-1)) : 0;
  const read = { script: Number(script), outcome, seconds, endedAt, lag: Math.max(0, lag), retries };
  return [read.script, seconds, endedAt, lag, retries].every(Number.isFinite) && time !== '' ? read : undefined;
};
