/** What clients measured, and what the server's log says, read here once more: nothing of the exporter's is used. */

export const QUANTILES = [0.5, 0.95, 0.99, 0.999] as const;

/** pgbench's log, a line for each transaction: client, number, microseconds, … */
export const clientSeconds = (text: string): readonly number[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.split(' ')[2]) / 1e6);

/** Of a logged duration; `ends` whether it is the last step of a statement. */
export type Step = { readonly session: number; readonly seconds: number; readonly ends: boolean };

/** Durations of a jsonlog, of sessions of one user. */
export const stepsOf = (text: string, user: string): readonly Step[] =>
  text.split('\n').flatMap((line): Step[] => {
    if (line === '' || !line.includes('duration: ')) return [];
    const entry = JSON.parse(line) as { user?: string; pid: number; message?: string };
    const found = /^duration: (\d+\.\d+) ms {2}(parse|bind|execute|statement)\b/.exec(entry.message ?? '');
    if (entry.user !== user || found === null) return [];
    const [, ms, step] = found;
    return [{ session: entry.pid, seconds: Number(ms) / 1000, ends: step === 'execute' || step === 'statement' }];
  });

/** Whole statements: the steps of the extended protocol added up, which may be done where every one was logged. */
export const statementSeconds = (steps: readonly Step[]): readonly number[] => {
  const open = new Map<number, number>();
  return steps.flatMap(({ session, seconds, ends }) => {
    const sum = (open.get(session) ?? 0) + seconds;
    open.set(session, ends ? 0 : sum);
    return ends ? [sum] : [];
  });
};

/**
 * Quantiles of `all` durations of which the longest are known: each the least that a share `q` of them does not exceed.
 * Nothing for one that is not among these.
 */
export const quantilesOf = (
  longest: readonly number[],
  all: number = longest.length,
): readonly (number | undefined)[] => {
  const falling = [...longest].sort((a, b) => b - a);
  return QUANTILES.map((q) => falling[all - Math.max(1, Math.ceil(q * all - 1e-9))]);
};
