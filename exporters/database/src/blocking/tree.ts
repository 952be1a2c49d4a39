import type { BlockedSession, BlockingTree } from '@submilli/core';

/** A session that waits for a lock, or that one waits for. */
export type Session = Omit<BlockedSession, 'blocks'> & {
  /** Whom it waits for, as `pg_blocking_pids` says; 0 is a prepared transaction. Empty: it does not wait. */
  readonly blockers: readonly number[];
};

type Victims = ReadonlyMap<number, readonly number[]>;

/**
 * Who waits for whom, from those that wait for nobody down to the last victim. In a queue everybody waits for all
 * before it; so each victim stands once under a root, below the blocker that is nearest to it. Sessions that wait for
 * each other (a deadlock not noticed yet) have no root: the one with the smallest pid stands in for it.
 */
export const treesOf = (sessions: readonly Session[]): readonly BlockingTree[] => {
  const byPid = new Map(sessions.map((session) => [session.pid, session]));
  const victims = victimsOf(sessions);
  const isFree = (pid: number): boolean => (byPid.get(pid)?.blockers ?? []).length === 0;
  const roots = [...victims.keys()].filter(isFree);
  const reached = new Set(roots.flatMap((root) => [...parentsFrom(root, victims).keys()]));
  for (const pid of [...victims.keys()].sort((a, b) => a - b)) {
    if (reached.has(pid)) continue;
    roots.push(pid);
    for (const inside of parentsFrom(pid, victims).keys()) reached.add(inside);
  }
  return roots
    .map((root) => treeFrom(root, byPid, victims))
    .sort((a, b) => b.victims - a.victims || a.root.pid - b.root.pid);
};

const victimsOf = (sessions: readonly Session[]): Victims => {
  const victims = new Map<number, number[]>();
  for (const { pid, blockers } of sessions) {
    for (const blocker of new Set(blockers)) {
      const known = victims.get(blocker);
      if (known === undefined) victims.set(blocker, [pid]);
      else known.push(pid);
    }
  }
  return victims;
};

/** Everyone below a root, with the nearest blocker above each (the root itself has none), in breadth-first order. */
const parentsFrom = (root: number, victims: Victims): ReadonlyMap<number, number | undefined> => {
  const parents = new Map<number, number | undefined>([[root, undefined]]);
  for (const pid of parents.keys()) {
    for (const victim of victims.get(pid) ?? []) if (!parents.has(victim)) parents.set(victim, pid);
  }
  return parents;
};

const treeFrom = (root: number, byPid: ReadonlyMap<number, Session>, victims: Victims): BlockingTree => {
  const parents = parentsFrom(root, victims);
  const children = victimsOf([...parents].map(([pid, parent]) => ({ ...unknown(pid), blockers: toList(parent) })));
  const depths = new Map<number, number>();
  for (const [pid, parent] of parents) depths.set(pid, parent === undefined ? 0 : (depths.get(parent) ?? 0) + 1);
  const nodeOf = (pid: number): BlockedSession => {
    const { blockers, ...session } = byPid.get(pid) ?? unknown(pid);
    return { ...session, blocks: (children.get(pid) ?? []).map(nodeOf) };
  };
  const below = [...parents.keys()].filter((pid) => pid !== root);
  return {
    root: nodeOf(root),
    victims: below.length,
    depth: Math.max(0, ...depths.values()),
    longestSeconds: Math.max(0, ...below.map((pid) => byPid.get(pid)?.waitingSeconds ?? 0)),
  };
};

const toList = (pid: number | undefined): readonly number[] => (pid === undefined ? [] : [pid]);

/** A blocker that was gone when it was looked up, or a prepared transaction (pid 0), which has no session. */
const unknown = (pid: number): Session => ({
  ...{ pid, database: null, user: null, application: null, state: null, queryid: null, lock: null, blockers: [] },
  ...{ waitEvent: null, waitingSeconds: null, transactionSeconds: null },
});
