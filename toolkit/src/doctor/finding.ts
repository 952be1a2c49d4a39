import type { Severity, TransactionId } from './facts';

/** What can be done about a finding without asking anybody, and without losing anything that is not stuck already. */
export type Act =
  /** PgBouncer closes each server connection as soon as it is free, and opens new ones. Nobody notices. */
  | { readonly kind: 'reconnect'; readonly pool: string; readonly database: string }
  /** PgBouncer reads its configuration again: nothing happens if that is what it has. */
  | { readonly kind: 'reload'; readonly pool: string }
  /** Of a session that runs a statement: it ends with an error, and the transaction with it. */
  | (OnSession & { readonly kind: 'cancel' })
  /** The session ends: for one that is idle in a transaction, as PostgreSQL's own time limit would have it. */
  | (OnSession & { readonly kind: 'terminate' });

/** Only while the session is in the same transaction, and does what it was judged by. */
export type OnSession = {
  readonly server: string;
  readonly session: TransactionId;
  readonly state: 'active' | 'idle in transaction';
  /** For people. */
  readonly label: string;
};

export type Finding = {
  /** The same thing found again has the same. */
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  /** The entry of the configuration it is about. */
  readonly where: string;
  /** What is wrong, in one sentence without its full stop. */
  readonly title: string;
  readonly evidence: readonly string[];
  /** What a person would do about it, in one line. */
  readonly remedy: string;
  /** What `--heal` would do, and why it would not; neither where only a person can. */
  readonly act: Act | null;
  readonly spared: string | null;
};

/** In the order in which people want to read: the worst first. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] => {
  const order: readonly Severity[] = ['critical', 'warning', 'info'];
  return findings.toSorted(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || compare(a.where, b.where) || compare(a.id, b.id),
  );
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
