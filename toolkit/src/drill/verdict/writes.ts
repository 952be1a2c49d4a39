import type { DrillPath } from '@submilli/core';

/** Of whom a write is, and which: together they are its identity. Times are in milliseconds since the run began. */
export type WriteId = { readonly path: DrillPath; readonly seq: number };

/** A write the server has acknowledged, and that we have on our own disk as acknowledged. */
export type Acknowledged = WriteId & {
  readonly due: number;
  /** When it was handed to a session that was ready for it. */
  readonly sent: number;
  readonly at: number;
  /** Who has taken it, by the server's own account: pool and multi-host don't say. */
  readonly member: string;
  readonly timeline: number;
};

/** A write of which the client was told that it failed, or of which it heard nothing: it may be there or not. */
export type Failed = WriteId & {
  readonly due: number;
  readonly at: number;
  readonly class: string;
  readonly message: string;
};

/** What a writer leaves behind. */
export type Written = {
  readonly acknowledged: readonly Acknowledged[];
  readonly failed: readonly Failed[];
  /** How many were due while every session was busy. */
  readonly unsent: Readonly<Partial<Record<DrillPath, number>>>;
};

/** How often each id is in the table in the end. */
export type Kept = ReadonlyMap<DrillPath, ReadonlyMap<number, number>>;
