import '../web-assembly';
import loadHighs from 'highs';
import type { Candidate } from './candidate';

/** One way to run a statement: with these indexes, at this cost. `query` is its place in the goal. */
export type Configuration = {
  readonly query: number;
  readonly candidates: readonly Candidate[];
  readonly cost: number;
};

type Worth = Configuration & { readonly gain: number };

export type Problem = {
  readonly configurations: readonly Worth[];
  /** What having an index takes away from the gain. */
  readonly penalty: (candidate: Candidate) => number;
  readonly bytes: (candidate: Candidate) => number;
  readonly budgetBytes: number;
};

/**
 * The set with the most gain within the budget, as an integer program: each statement is run in one way at most, a way
 * takes all of its indexes. Nothing when the solver fails: whoever asks has another way.
 */
export const solve = async (problem: Problem): Promise<readonly Candidate[] | undefined> => {
  const worth = problem.configurations.filter(({ gain }) => gain > 0);
  const candidates = [...new Map(worth.flatMap((c) => c.candidates).map((c) => [c.id, c])).values()];
  if (candidates.length === 0) return [];
  try {
    loading ??= loadHighs();
    const highs = await loading;
    const { Status, Columns } = highs.solve(modelOf(problem, worth, candidates), { time_limit: SECONDS });
    if (Status !== 'Optimal' && Status !== 'Time limit reached') return undefined;
    return candidates.filter((_, i) => primalOf(Columns[`y${i}`]) > 0.5);
  } catch {
    return undefined;
  }
};

/** The solver as it was loaded: each problem is a fresh one to it. */
let loading: ReturnType<typeof loadHighs> | undefined;

/** Nothing else runs meanwhile. */
const SECONDS = 2;
const MEGABYTE = 1024 * 1024;
/** Of sizes with six digits; whoever asks checks the sum. */
const ROUNDING = 1e-4;

const primalOf = (column: unknown): number =>
  typeof column === 'object' && column !== null && 'Primal' in column ? Number(column.Primal) : 0;

/** In the format of CPLEX. Coefficients are scaled, so that small gains are not lost to the solver's tolerances. */
const modelOf = (
  { penalty, bytes, budgetBytes }: Problem,
  configurations: readonly Worth[],
  candidates: readonly Candidate[],
): string => {
  const index = new Map(candidates.map(({ id }, i) => [id, i]));
  const number = (value: number): string => (Math.round(value * 1e9) / 1e6).toFixed(6);
  const gains = configurations.map(({ gain }, i) => `+ ${number(gain)} x${i}`);
  const penalties = candidates.map((candidate, i) => `- ${number(penalty(candidate) + TIE)} y${i}`);
  const byQuery = group(configurations);
  const once = [...byQuery.values()].map((own) => `${own.map((i) => `+ x${i}`).join(' ')} <= 1`);
  const needs = configurations.flatMap(({ candidates: own }, i) =>
    own.map(({ id }) => `x${i} - y${index.get(id)} <= 0`),
  );
  const size = candidates.map((candidate, i) => `+ ${(bytes(candidate) / MEGABYTE).toFixed(6)} y${i}`);
  const names = [...configurations.map((_, i) => `x${i}`), ...candidates.map((_, i) => `y${i}`)];
  return [
    'Maximize',
    ` obj: ${[...gains, ...penalties].join('\n  ')}`,
    'Subject To',
    ...[...once, ...needs].map((constraint, i) => ` c${i}: ${constraint}`),
    ...(Number.isFinite(budgetBytes)
      ? [` size: ${size.join('\n  ')} <= ${(budgetBytes / MEGABYTE + ROUNDING).toFixed(6)}`]
      : []),
    'Binary',
    ...names.map((name) => ` ${name}`),
    'End',
  ].join('\n');
};

/** An index that gains nothing is not taken. */
const TIE = 1e-6;

const group = (configurations: readonly Configuration[]): Map<number, number[]> => {
  const groups = new Map<number, number[]>();
  configurations.forEach(({ query }, i) => groups.set(query, [...(groups.get(query) ?? []), i]));
  return groups;
};
