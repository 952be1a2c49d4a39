import type { LabelName } from './labels';

export const severities = ['critical', 'warning', 'info'] as const;
/** critical: somebody must act now. warning: within the day. info: worth knowing, and no more. */
export type Severity = (typeof severities)[number];

export const components = ['postgresql', 'replication', 'query', 'pgbouncer', 'patroni', 'backup', 'exporter'] as const;
export type Component = (typeof components)[number];

export type Dashboard =
  'database-performance' | 'connection-pool' | 'high-availability' | 'query-performance' | 'fleet-overview';

/** One rule of an alert: the same trouble may be a warning first, and critical later. */
export type Level = {
  readonly severity: Severity;
  /** How long it must hold, as Prometheus writes durations. */
  readonly for: string;
  /** For what flaps: it stays for so long after it last held. */
  readonly keepFiringFor?: string;
  readonly expr: string;
  /** With value and threshold, in Prometheus' template language. */
  readonly description: string;
  /** Further labels, where levels differ in more than severity. */
  readonly labels?: Readonly<Record<string, string>>;
};

/**
 * A value in the course of a proof: a constant, a rate of a counter per second, a function of the seconds since the
 * proof began, or nothing.
 */
export type Value = number | 'absent' | { readonly perSecond: number } | ((seconds: number) => number);

/** What makes an alert fire, told to promtool: every series well, then broken, then well again. */
export type Proof = {
  /** Series by selector: its value while all is well, and while it is not. */
  readonly series: Readonly<Record<string, readonly [well: Value, broken: Value]>>;
  /** What the alert is labelled with besides its name, severity and component. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Word for word, of each rule that fires by then, by severity (or severity and window). */
  readonly says: Readonly<Record<string, string>>;
  /** From the break until the expression holds: what a rate needs to rise. */
  readonly delay?: string;
  /** From the mending until it no longer holds: what a rate needs to fall. */
  readonly lag?: string;
  /** Between two evaluations; 15s if nothing is said. */
  readonly step?: string;
  /** Which level of several this is about: the first, if nothing is said. */
  readonly level?: number;
  /** How long all is well before; 10m if nothing is said. */
  readonly well?: string;
  /** Silence is what it is about: it fires for absent series. */
  readonly absenceFires?: true;
};

export type Alert = {
  readonly name: string;
  readonly component: Component;
  /** Labels that its series have, from the cluster down; they make the links. */
  readonly by: readonly LabelName[];
  readonly dashboard: Dashboard;
  /** What the app's advice is filtered by, for the link to what to do about it. */
  readonly advice?: string;
  readonly summary: string;
  readonly levels: readonly Level[];
  readonly proofs: readonly Proof[];
};

export type Recording = { readonly record: string; readonly expr: string };

export type Group = {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly (Alert | Recording)[];
};

export const isAlert = (rule: Alert | Recording): rule is Alert => 'levels' in rule;
