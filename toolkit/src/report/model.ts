import type { PeriodName } from './period';

/**
 * A report: what the page, the Markdown and the JSON say. Moments are ISO 8601, times in seconds. Null is "not known":
 * never zero.
 */
export type Report = {
  readonly version: 1;
  readonly period: {
    readonly name: PeriodName;
    readonly from: string;
    readonly to: string;
    /** The period before it, of the same length, ends where this begins. */
    readonly previousFrom: string;
  };
  readonly generatedAt: string;
  readonly source: { readonly prometheus: string; readonly questions: number };
  /** In one sentence each: what matters most. */
  readonly headlines: readonly Headline[];
  readonly scores: readonly ScoreOfDatabase[];
  readonly latency: readonly LatencyOfDatabase[];
  readonly statements: StatementsSection | null;
  readonly incidents: IncidentsSection | null;
  readonly failovers: readonly FailoversOfCluster[];
  readonly capacity: readonly CapacityItem[];
  readonly advice: AdviceSection | null;
  /** What could not be known, and why. */
  readonly unknown: readonly string[];
};

export type Headline = { readonly tone: 'good' | 'bad' | 'neutral'; readonly text: string };

/** Seconds since the epoch, and a value. */
export type Point = readonly [at: number, value: number];

export type Where = { readonly cluster: string; readonly database: string };

/** How much of a time there were values for, 0 to 1, and the times without any that were longer than two steps. */
export type Coverage = { readonly ratio: number; readonly gaps: readonly (readonly [from: string, to: string])[] };

export type ScoreOfDatabase = Where & {
  readonly median: number;
  readonly lowest: { readonly value: number; readonly at: string };
  /** How long it was below the score that alerts. */
  readonly belowSeconds: number;
  readonly previous: { readonly median: number; readonly lowest: number } | null;
  /** The component with the fewest points on average, if it has not all of them. */
  readonly worst: { readonly component: string; readonly points: number } | null;
  readonly coverage: Coverage;
  /** Of each step its lowest. */
  readonly points: readonly Point[];
};

/** `atLeast`: beyond the last bucket, so more is not known. */
export type Quantile = { readonly quantile: number; readonly seconds: number; readonly atLeast: boolean };

export type Distribution = {
  readonly statements: number;
  /** Only those that enough statements stand behind. */
  readonly quantiles: readonly Quantile[];
};

export type TargetKept = {
  readonly quantile: number;
  readonly target: number;
  readonly now: Quantile | null;
  readonly before: Quantile | null;
  readonly kept: boolean | null;
};

export type LatencyOfDatabase = Where & {
  readonly distribution: Distribution;
  readonly previous: Distribution | null;
  readonly targets: readonly TargetKept[];
  /** Of the promised P99: the share of statements that were slower than promised, and what of the budget that is. */
  readonly budget: { readonly slowRatio: number; readonly usedRatio: number } | null;
  readonly kinds: readonly (Distribution & { readonly queryType: string })[];
  /** COMMIT until it is durable, by the server's log; nothing was promised for it. */
  readonly commit: Distribution | null;
  readonly coverage: Coverage;
  readonly lines: readonly { readonly quantile: number; readonly points: readonly Point[] }[];
  /** How many statements took no longer than each bound: now and before. */
  readonly buckets: readonly { readonly le: number; readonly now: number; readonly before: number | null }[];
};

export type StatementOfReport = Where & {
  readonly queryid: string;
  readonly queryType: string;
  /** Normalised, from the exporter; null where it was not asked, or has none. */
  readonly text: string | null;
  readonly calls: number;
  readonly seconds: number;
  /** Of all statements' executor time, 0 to 1. */
  readonly timeShare: number;
  readonly meanSeconds: number;
  readonly previousMeanSeconds: number | null;
  /** Mean now over mean before; null where there were too few calls. */
  readonly ratio: number | null;
};

export type StatementsSection = {
  readonly totalSeconds: number;
  readonly previousTotalSeconds: number | null;
  readonly top: readonly StatementOfReport[];
  /** Those that became slower most, with what that cost: not below a hundred calls in both periods. */
  readonly slower: readonly (StatementOfReport & { readonly lostSeconds: number })[];
};

export type Moved = {
  readonly signal: string;
  readonly at: string;
  readonly direction: 'rose' | 'fell';
  readonly usual: number;
  /** The farthest from usual. */
  readonly reached: number;
  readonly unit: string;
};

export type IncidentAlert = {
  readonly name: string;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly firedAt: string;
  /** Null: it fires still. */
  readonly endedAt: string | null;
};

export type Incident = {
  readonly cluster: string;
  readonly from: string;
  /** Null: it goes on. */
  readonly to: string | null;
  readonly severity: string;
  readonly alerts: readonly IncidentAlert[];
  /** Signals that left their usual band, in the order in which they did; null: not looked at. */
  readonly moved: readonly Moved[] | null;
  /** Restarts, changes of settings and failovers shortly before or in it. */
  readonly events: readonly { readonly at: string; readonly what: string }[];
};

export type IncidentsSection = {
  readonly incidents: readonly Incident[];
  /** Shorter or milder ones beyond the list. */
  readonly leftOut: number;
  /** In the period before; null where Prometheus had no data then. */
  readonly previous: number | null;
  /** Whether any rules are loaded at all. */
  readonly alertsKnown: boolean;
};

export type FailoverOfReport = {
  readonly at: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly cause: string | null;
  readonly planned: boolean | null;
  /** How long none could be written to, and by how much that may be off. */
  readonly seconds: number | null;
  readonly error: number | null;
};

export type FailoversOfCluster = {
  readonly cluster: string;
  readonly failovers: readonly FailoverOfReport[];
  /** Counted, but not seen one by one. */
  readonly others: number;
  readonly unwritableSeconds: number | null;
  readonly splitBrainSeconds: number | null;
  readonly previousUnwritableSeconds: number | null;
  readonly interruptions: readonly { readonly cause: string; readonly count: number }[];
  readonly recovery: readonly {
    readonly fault: string;
    readonly predictedSeconds: number | null;
    readonly measuredSeconds: number | null;
  }[];
};

export type CapacityItem = {
  readonly what: string;
  readonly where: string;
  readonly unit: 'bytes' | 'ratio';
  readonly now: number;
  readonly limit: number | null;
  /** Per day, with 95 % bounds; null where no trend is sure. */
  readonly perDay: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Days until the limit, from the fastest to the slowest that the trend allows; null: not known, or not at all. */
  readonly exhaustedInDays: { readonly soonest: number; readonly latest: number | null } | null;
  readonly sentence: string;
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly points: readonly Point[];
};

export type AdviceOfReport = {
  readonly target: string;
  readonly rule: string;
  readonly severity: string;
  readonly title: string;
  readonly state: string;
  readonly at: string;
  readonly impact: string | null;
};

export type AdviceSection = {
  /** Recommendations that held: at the beginning, and at the end. */
  readonly before: number | null;
  readonly now: number;
  readonly byRule: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly before: number;
    readonly now: number;
  }[];
  /** From the exporters; null where they were not asked. */
  readonly opened: readonly AdviceOfReport[] | null;
  readonly closed: readonly AdviceOfReport[] | null;
  /** Indexes that were advised and built: what their statements saved since, in seconds per day. */
  readonly saved: readonly {
    readonly database: string;
    readonly index: string;
    readonly since: string;
    readonly verdict: string;
    readonly secondsPerDay: number | null;
    readonly meanBefore: number | null;
    readonly meanSince: number | null;
  }[];
};
