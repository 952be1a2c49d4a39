import type { BlockedSession } from '@submilli/core';
import fc from 'fast-check';
import { type Session, treesOf } from './tree';

const session = (pid: number, blockers: readonly number[], waitingSeconds: number | null = null): Session => ({
  ...{ pid, blockers, waitingSeconds: blockers.length === 0 ? null : waitingSeconds },
  ...{ database: 'app', user: 'me', application: 'psql', state: 'active', waitEvent: null, queryid: null },
  ...{ lock: null, transactionSeconds: null },
});

/** A tree as nested pids. */
type Pids = { readonly [pid: number]: Pids };
const shapeOf = ({ pid, blocks }: BlockedSession): Pids => ({
  [pid]: Object.assign({}, ...blocks.map(shapeOf)) as Pids,
});

describe('the blocking tree', () => {
  it('goes from who waits for nobody to the last victim', () => {
    const trees = treesOf([session(1, []), session(2, [1], 5), session(3, [2], 2), session(9, []), session(8, [9], 1)]);
    expect(trees.map(({ root }) => shapeOf(root))).toEqual([{ 1: { 2: { 3: {} } } }, { 9: { 8: {} } }]);
    expect(trees[0]).toMatchObject({ victims: 2, depth: 2, longestSeconds: 5 });
  });

  it('shows a queue below the one at its head, each waiter once, though each waits for all before it', () => {
    const waiters = Array.from({ length: 100 }, (_, i) =>
      session(
        i + 2,
        Array.from({ length: i + 1 }, (__, j) => j + 1),
      ),
    );
    const [tree] = treesOf([session(1, []), ...waiters]);
    expect(tree).toMatchObject({ victims: 100, depth: 1 });
    expect(tree?.root.blocks).toHaveLength(100);
  });

  it('puts a session that waits for several under each of them', () => {
    const trees = treesOf([session(1, []), session(2, []), session(3, [1, 2])]);
    expect(trees.map(({ root }) => shapeOf(root))).toEqual([{ 1: { 3: {} } }, { 2: { 3: {} } }]);
  });

  it('has a root for a prepared transaction, which has no session', () => {
    const [tree] = treesOf([session(5, [0], 3)]);
    expect(tree).toMatchObject({ root: { pid: 0, user: null }, victims: 1, longestSeconds: 3 });
  });

  it('lets the smallest pid stand in for the root of a deadlock', () => {
    const trees = treesOf([session(7, [6]), session(6, [7]), session(8, [7])]);
    expect(trees.map(({ root }) => shapeOf(root))).toEqual([{ 6: { 7: { 8: {} } } }]);
  });

  it('does not take a victim of a deadlock for a root, also if its pid is the smallest', () => {
    const trees = treesOf([session(7, [6]), session(6, [7]), session(3, [7]), session(2, [3])]);
    expect(trees.map(({ root }) => shapeOf(root))).toEqual([{ 6: { 7: { 3: { 2: {} } } } }]);
  });

  it('reaches every waiter, whoever waits for whom, each once per tree, and no root below another', () => {
    const sessions = fc
      .uniqueArray(
        fc.tuple(fc.integer({ min: 1, max: 12 }), fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 })),
        {
          selector: ([pid]) => pid,
        },
      )
      .map((all) =>
        all.map(([pid, blockers]) =>
          session(
            pid,
            blockers.filter((blocker) => blocker !== pid),
            1,
          ),
        ),
      );
    fc.assert(
      fc.property(sessions, (all) => {
        const trees = treesOf(all);
        const pids = trees.map(({ root }) => JSON.stringify(root).match(/"pid":\d+/g) ?? []);
        for (const found of pids) expect(new Set(found).size).toBe(found.length);
        const reached = new Set(pids.flat());
        for (const { pid, blockers } of all) if (blockers.length > 0) expect(reached).toContain(`"pid":${pid}`);
        const roots = new Set(trees.map(({ root }) => `"pid":${root.pid}`));
        for (const found of pids) for (const below of found.slice(1)) expect(roots).not.toContain(below);
        for (const tree of trees) expect(tree.depth).toBeLessThanOrEqual(tree.victims);
      }),
    );
  });
});
