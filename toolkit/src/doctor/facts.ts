import type { BlockingTree } from '@submilli/core';

/** What tells a transaction from a later one of the same process, and a process from a later one of the same number. */
export type TransactionId = {
  readonly pid: number;
  /** Seconds since the epoch as the server writes them, to the microsecond. */
  readonly backendStart: string;
  readonly transactionStart: string;
};

/** A session with a transaction open. */
export type Session = TransactionId & {
  readonly database: string;
  readonly user: string;
  readonly application: string;
  /** `client backend`, `walsender`, `autovacuum worker`, …. */
  readonly kind: string;
  readonly state: string;
  /** How long it has been in this state, and in its transaction. */
  readonly stateSeconds: number;
  readonly transactionSeconds: number;
  readonly isSuperuser: boolean;
  /** May replicate, and so take a base backup. */
  readonly isReplication: boolean;
};

/** What was seen on one server. */
export type ServerFacts = {
  /** Its entry under postgres. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly role: 'primary' | 'standby';
  /** What a primary and its standbys have in common. */
  readonly system: string;
  /** How many sessions ordinary roles can have: what pools before it must fit into. */
  readonly room: number | null;
  readonly sessions: readonly Session[];
  readonly trees: readonly BlockingTree[];
};

/** What the pool exporter's rules say of one pool, and where its databases lead to. */
export type PoolFacts = {
  /** Its entry under pgbouncer. */
  readonly name: string;
  readonly advice: readonly PoolAdvice[];
  /** Rules that could not tell, and why. */
  readonly notEvaluated: readonly { readonly rule: string; readonly reason: string }[];
  readonly leadsTo: readonly Line[];
};

/** A database of the pool, and the one on a server that it is. */
export type Line = {
  readonly database: string;
  readonly of: string;
  readonly host: string;
  readonly port: number;
};

export type PoolAdvice = {
  readonly rule: string;
  readonly subject: string;
  readonly severity: Severity;
  readonly title: string;
  readonly evidence: readonly { readonly label: string; readonly value: string | number; readonly unit: string }[];
  /** What the rule would have somebody do. */
  readonly action: string;
};

export type Severity = 'info' | 'warning' | 'critical';

export type Facts = {
  readonly servers: readonly ServerFacts[];
  readonly pools: readonly PoolFacts[];
  /** Who could not be asked, and why. */
  readonly blind: readonly { readonly where: string; readonly why: string }[];
};
