import { type Counters, type Entry, makeCounters } from '../src/statements/entry';
import type { QueryType } from '../src/statements/query-type';
import { type Reading, startState, type StatementsState, takeReading } from '../src/statements/state';
import type { Look } from '../src/statements/texts';

/** What tests about statements have in common: readings without a server. */

export const countersOf = (some: Partial<Counters> = {}): Counters => ({
  ...makeCounters(
    () => 0,
    () => 0,
  ),
  ...some,
});

type Part = Partial<Omit<Entry, 'counters'>> & { readonly counters?: Partial<Counters> };

/** An entry that was called so often, a millisecond and two rows each. */
export const entryOf = (queryid: string, calls: number, { counters, ...part }: Part = {}): Entry => ({
  ...{ key: `10 5 ${queryid} true`, database: 'app', queryid, calls, total: calls * 0.001, mean: 0.001, deviation: 0 },
  ...{ planMean: 0, planDeviation: 0, since: null },
  ...part,
  counters: countersOf({ rows: calls * 2, hit: calls, ...counters }),
});

export const lookOf = (type: QueryType, more: Partial<Look> = {}): Look => ({
  ...{ type, kind: null, text: `a ${type}`, reason: null, system: false },
  ...more,
});

const SERVER = { blockSize: 8192, workMem: 4 * 1024 ** 2, roles: new Map([['10', 'app']]) };

/** A reading in which every statement is known to be a SELECT. */
export const readingOf = (
  entries: readonly Entry[],
  { info, ...more }: Partial<Omit<Reading, 'info'>> & { readonly info?: Partial<Reading['info']> } = {},
): Reading => ({
  ...{ entries, marks: new Map(), columns: { version: '1.11', names: [] }, databases: new Set(['app', 'shop']) },
  texts: { looks: new Map(entries.map(({ queryid }) => [queryid, lookOf('select')])), tookMs: 1, failed: false },
  ...more,
  info: {
    now: 1_800_000_000,
    evictions: 0,
    statsReset: 1,
    limit: 5000,
    planningTimed: false,
    ioTimed: false,
    ...SERVER,
    ...info,
  },
});

/** Takes readings a second apart. */
export const take = (readings: readonly Reading[], state: StatementsState = startState(60, 10)): StatementsState =>
  readings.reduce((now, one, i) => takeReading(now, one, (state.last?.at ?? 0) + (i + 1) * 1000), state);
