/** A statement's calls in a window, and what is known of its latency. */
export type Timed = {
  readonly database: string;
  readonly queryid: string;
  readonly queryType: string;
  readonly log: {
    readonly statements: number;
    readonly quantiles: readonly { readonly quantile: number; readonly seconds: number }[];
  };
};

export type TailShare<T> = {
  readonly statement: T;
  /** Calls that took longer than the line, about. */
  readonly above: number;
  /** Of all such calls, 0 to 1. */
  readonly share: number;
};

/**
 * Which statements make the tail: whose calls are those above `seconds`, the most first. Between two known quantiles
 * the share above is interpolated; beyond the highest that is known it is not guessed: at most what is above that.
 */
export const tailBy = <T extends Timed>(statements: readonly T[], seconds: number): readonly TailShare<T>[] => {
  const found = statements.map((statement) => ({ statement, above: callsAbove(statement, seconds) }));
  const all = found.reduce((sum, { above }) => sum + above, 0);
  return found
    .filter(({ above }) => above > 0)
    .map(({ statement, above }) => ({ statement, above, share: above / all }))
    .sort((a, b) => b.above - a.above);
};

/** The time that a share of all calls stays below, by what is known of each statement; null if too little is. */
export const quantileOfAll = (statements: readonly Timed[], quantile: number): number | null => {
  const known = statements.filter(({ log }) => log.quantiles.length > 0);
  const calls = known.reduce((sum, { log }) => sum + log.statements, 0);
  if (calls === 0) return null;
  const above = (seconds: number): number => known.reduce((sum, one) => sum + callsAbove(one, seconds), 0);
  let [low, high] = [0, Math.max(...known.flatMap(({ log }) => log.quantiles.map(({ seconds }) => seconds)))];
  for (let i = 0; i < STEPS; i += 1) {
    const middle = (low + high) / 2;
    if (above(middle) > calls * (1 - quantile)) low = middle;
    else high = middle;
  }
  return high;
};

/** Halvings: from a minute to nanoseconds. */
const STEPS = 40;

const callsAbove = ({ log: { statements, quantiles } }: Timed, seconds: number): number => {
  const known = [...quantiles].sort((a, b) => a.quantile - b.quantile);
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return 0;
  if (seconds <= first.seconds) return statements * (1 - first.quantile * (seconds / first.seconds));
  if (seconds >= last.seconds) return seconds > last.seconds ? 0 : statements * (1 - last.quantile);
  const upper = known.findIndex((one) => one.seconds > seconds);
  const [a, b] = [known[upper - 1] ?? first, known[upper] ?? last];
  const part = (seconds - a.seconds) / (b.seconds - a.seconds);
  return statements * (1 - (a.quantile + part * (b.quantile - a.quantile)));
};
