import { type Component, estimateQuantiles } from './estimate';
import type { Interval } from './interval';
import { type StatementsState, typeOf, windowOf } from './state';

/** An estimate of how long the reads of a database take: executor time, modelled from means and deviations. */
export type ReadEstimate = {
  readonly quantiles: ReadonlyMap<number, number>;
  readonly calls: number;
  /** Share of the calls that the model knows a deviation of; null when there were none. */
  readonly coverage: number | null;
};

/** By kind (`select` and the database, as the totals of `durations` are keyed). */
export const estimateReads = (
  state: StatementsState,
  quantiles: readonly number[],
): ReadonlyMap<string, ReadEstimate> => {
  const byDatabase = new Map<string, Interval[]>();
  for (const interval of windowOf(state).intervals.values()) {
    if (typeOf(state.types, interval.queryid) !== 'select') continue;
    const list = byDatabase.get(interval.database);
    if (list === undefined) byDatabase.set(interval.database, [interval]);
    else list.push(interval);
  }
  return new Map([...byDatabase].map(([database, own]) => [`select ${database}`, estimateOf(own, quantiles)]));
};

const estimateOf = (own: readonly Interval[], quantiles: readonly number[]): ReadEstimate => {
  const calls = callsOf(own);
  return {
    quantiles: estimateQuantiles(componentsOf(own), quantiles),
    calls,
    coverage: calls === 0 ? null : callsOf(own.filter(({ m2 }) => m2 !== null)) / calls,
  };
};

const callsOf = (list: readonly Interval[]): number => list.reduce((sum, { calls }) => sum + calls, 0);

const componentsOf = (intervals: readonly Interval[]): Component[] =>
  intervals.flatMap(({ calls, seconds, m2 }) =>
    m2 === null ? [] : [{ calls, mean: seconds / calls, deviation: Math.sqrt(m2 / calls) }],
  );
