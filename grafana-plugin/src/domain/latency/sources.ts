import type { LatencyAnswer, LoggedLatency } from '@submilli/api/latency';
import type { Estimate } from './histogram';

export type SourceName = 'log' | 'estimate';
export type Confidence = 'high' | 'medium' | 'low';

/** A quantile and how far it can be trusted. Without bounds (a model has none), `low` and `high` are undefined. */
export type Told = {
  readonly quantile: number;
  readonly seconds: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly confidence: Confidence;
};

/** A kind of statement by its best source; sources are never mixed. */
export type TypeLatency = {
  readonly target: string;
  readonly database: string;
  readonly queryType: string;
  readonly source: SourceName;
  /** What it rests on: durations logged, or calls. */
  readonly samples: number;
  readonly statements: number | undefined;
  readonly tailComplete: boolean;
  readonly quantiles: readonly Told[];
};

/** As the exporter tells it, of one of its targets. */
export type OfType = LatencyAnswer['types'][number] & { readonly target: string };

/** Bounds within a tenth of the value are as good as it gets; beyond a third it is an order of magnitude. */
const WELL = 0.1;
const SO_SO = 0.35;

export const confidenceOf = ({ seconds, low, high }: Estimate): Confidence => {
  const off = Math.max(high - seconds, seconds - low) / seconds;
  if (!(off <= SO_SO)) return 'low';
  return off <= WELL ? 'high' : 'medium';
};

export const toldBy = (quantiles: LoggedLatency['quantiles']): readonly Told[] =>
  quantiles.map(({ quantile, seconds, low, high }) => ({
    ...{ quantile, seconds, low, high, confidence: confidenceOf({ seconds, low, high }) },
  }));

/** What is known of a kind of statement; undefined when no source says anything. */
export const bestOf = ({ target, database, queryType, log, estimate }: OfType): TypeLatency | undefined => {
  if (log !== null && log.quantiles.length > 0) {
    return {
      ...{ target, database, queryType, source: 'log', samples: log.lines, statements: log.statements },
      ...{ tailComplete: log.tailComplete, quantiles: toldBy(log.quantiles) },
    };
  }
  if (estimate === null || estimate.quantiles.length === 0) return undefined;
  return {
    ...{ target, database, queryType, source: 'estimate', samples: estimate.calls, statements: estimate.calls },
    tailComplete: false,
    quantiles: estimate.quantiles.map(({ quantile, seconds }) => ({
      ...{ quantile, seconds, low: undefined, high: undefined, confidence: 'low' as const },
    })),
  };
};

/** The kinds of statements of one database (or all: empty), the most frequent first. */
export const typesOf = (types: readonly OfType[], database: string): readonly TypeLatency[] =>
  types
    .filter((one) => database === '' || one.database === database)
    .flatMap((one) => bestOf(one) ?? [])
    .toSorted((a, b) => (b.statements ?? 0) - (a.statements ?? 0));

/** As an estimate with bounds; one without bounds may be anything around its value. */
export const asEstimate = ({ seconds, low, high }: Told): Estimate => ({
  ...{ seconds, low: low ?? seconds / 2, high: high ?? seconds * 2 },
});
