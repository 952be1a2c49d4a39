import { chooseShown, emptyHistogram, type Histogram, observeAll } from '@submilli/core';
import type { Phase } from '../log/line';
import type { QueryType } from '../statements/query-type';
import { LATENCY_BUCKETS } from './metrics';

/** Which statements a histogram is about. */
export type Kind = { readonly database: string; readonly type: QueryType; readonly phase: Phase };

export type Duration = Kind & { readonly seconds: number; readonly weight: number };

/** A histogram of everything observed so far, of one kind. */
export type Account = Kind & { readonly histogram: Histogram };

/**
 * Histograms since we began to watch, at most `limit` by themselves. Every observation goes to exactly one: that of its
 * kind if it is shown, or that of the other databases' same type and phase. So none ever goes backwards.
 */
export type Ledger = {
  readonly limit: number;
  readonly accounts: ReadonlyMap<string, Account>;
  /** Observations by database, to choose whom to show. */
  readonly weights: ReadonlyMap<string, number>;
  readonly shown: ReadonlySet<string>;
};

export const OTHERS = 'other';

export const startLedger = (databases: number): Ledger => ({
  ...{ limit: databases, accounts: new Map(), weights: new Map(), shown: new Set() },
});

/** Databases that are told apart when it is chosen whom to show. */
const MOST_DATABASES = 5000;

export const enterDurations = (ledger: Ledger, durations: readonly Duration[]): Ledger => {
  if (durations.length === 0) return ledger;
  const weights = new Map(ledger.weights);
  for (const { database, weight } of durations) {
    if (weights.has(database) || weights.size < MOST_DATABASES) {
      weights.set(database, (weights.get(database) ?? 0) + weight);
    }
  }
  const shown = chooseShown(weights, ledger.shown, ledger.limit);
  const byKey = new Map<string, { readonly kind: Kind; readonly values: { value: number; weight: number }[] }>();
  for (const { seconds, weight, ...own } of durations) {
    const kind: Kind = shown.has(own.database) ? own : { ...own, database: OTHERS };
    const key = `${kind.phase} ${kind.type} ${kind.database}`;
    const entry = byKey.get(key) ?? { kind, values: [] };
    entry.values.push({ value: seconds, weight });
    byKey.set(key, entry);
  }
  const accounts = new Map(ledger.accounts);
  for (const [key, { kind, values }] of byKey) {
    const { database, type, phase } = kind;
    const before = accounts.get(key)?.histogram ?? emptyHistogram(LATENCY_BUCKETS);
    accounts.set(key, { database, type, phase, histogram: observeAll(before, values) });
  }
  return { ...ledger, accounts, weights, shown };
};
