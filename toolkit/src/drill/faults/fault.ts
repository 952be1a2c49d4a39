import { SubmilliError } from '@submilli/core';
import type { Patroni } from '../patroni';
import type { DrillMember, Processes, Topology } from '../topology';
import type { UndoJournal, UndoStep } from '../undo';

export type FaultContext = {
  readonly topology: Topology;
  readonly patroni: Patroni;
  readonly primary: DrillMember;
  readonly standby: DrillMember;
  readonly journal: UndoJournal;
  /** Something worth a mark in the picture. */
  readonly event: (who: string, what: string) => void;
};

/**
 * When the fault has lasted long enough. `failover`: another member takes writes. `writes`: somebody does again. `time`:
 * after so many seconds, whatever came of it.
 */
export type Hold = { readonly until: 'failover' | 'writes' | 'time'; readonly atLeastSeconds: number };

export type Injected = {
  readonly what: string;
  /** The member it was done to, which has to come back. */
  readonly member: DrillMember | undefined;
  readonly hold: Hold;
  /** What takes it back, already in the journal; none where the cluster heals by itself. */
  readonly undo: readonly UndoStep[];
};

export type Fault = {
  /** Why it can't be done to this cluster, and what would allow it, in one sentence; undefined if it can. */
  readonly refusal: (topology: Topology) => string | undefined;
  readonly inject: (context: FaultContext) => Promise<Injected>;
};

export const needsProcesses = ({ processes }: Topology): string | undefined =>
  processes === undefined
    ? 'its processes are elsewhere; name commands that break a member and mend it again with --break and --mend'
    : undefined;

export const processesOf = ({ processes }: Topology): Processes => {
  if (processes !== undefined) return processes;
  throw new SubmilliError({ what: 'this cluster’s processes can’t be reached from here' });
};

/** Throws when there is none: then the cluster is not what the health check said. */
export const found = <T>(thing: T | undefined, what: string): T => {
  if (thing !== undefined) return thing;
  throw new SubmilliError({ what: `${what} does not run` });
};
