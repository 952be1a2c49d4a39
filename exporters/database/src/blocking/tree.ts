import type { BlockedSession, BlockingTree } from '@submilli/core';

/** A session that waits for a lock, or that one waits for. */
export type Session = Omit<BlockedSession, 'blocks'> & {
  /** Whom it waits for, as `pg_blocking_pids` says; 0 is a prepared transaction. Empty: it does not wait. */
  readonly blockers: readonly number[];
};

/** From a pid to those it holds up, or to those it waits for. */
type Edges = ReadonlyMap<number, readonly number[]>;

/**
 * Who waits for whom, from those that wait for nobody down to the last victim. In a queue everybody waits for all
 * before it; so each victim stands once under a root, below the blocker that is nearest to it.
 */
export const treesOf = (sessions: readonly Session[]): readonly BlockingTree[] => {
  const byPid = new Map(sessions.map((session) => [session.pid, session]));
  const victims = victimsOf(sessions);
  return rootsOf(byPid, victims)
    .map((root) => treeFrom(root, byPid, victims))
    .sort((a, b) => b.victims - a.victims || a.root.pid - b.root.pid);
};

/**
 * Those that wait for nobody. Sessions that wait for each other (a deadlock not noticed yet) have no such root: the one
 * with the smallest pid stands in for it, but not for one of their victims, who is below it.
 */
const rootsOf = (byPid: ReadonlyMap<number, Session>, victims: Edges): readonly number[] => {
  const blockers: Edges = new Map([...byPid].map(([pid, session]) => [pid, session.blockers]));
  const roots = [...victims.keys()].filter((pid) => (blockers.get(pid) ?? []).length === 0);
  const reached = new Set(roots.flatMap((root) => [...parentsFrom(root, victims).keys()]));
  for (const pid of [...victims.keys()].sort((a, b) => a - b)) {
    if (reached.has(pid)) continue;
    const below = parentsFrom(pid, victims);
    if ([...parentsFrom(pid, blockers).keys()].some((above) => !below.has(above))) continue;
    roots.push(pid);
    for (const victim of below.keys()) reached.add(victim);
  }
  return roots;
};

const victimsOf = (sessions: readonly Session[]): Edges => {
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

/** Everyone that edges lead to from `start`, with the nearest one before each (`start` has none), breadth first. */
const parentsFrom = (start: number, edges: Edges): ReadonlyMap<number, number | undefined> => {
  const parents = new Map<number, number | undefined>([[start, undefined]]);
  for (const pid of parents.keys()) {
    for (const next of edges.get(pid) ?? []) if (!parents.has(next)) parents.set(next, pid);
  }
  return parents;
};

const treeFrom = (root: number, byPid: ReadonlyMap<number, Session>, victims: Edges): BlockingTree => {
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
