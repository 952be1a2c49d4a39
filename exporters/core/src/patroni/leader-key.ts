/** The first Patroni whose leader renews its lock in etcd v3 only while it still has it: its commit 1c7bf2f (#2693). */
const FIXED_IN = [3, 0, 3] as const;

/**
 * Whether a leader that was hung for longer than its lock lives can take the lock back from its successor, and so lose
 * what that one has acknowledged. cluster/patroni/safe-leader-key.py keeps such a version from it.
 */
export const retakesLeaderKey = (version: string): boolean => {
  const [, ...parts] = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  if (parts.length === 0) throw new RangeError(`not a version of Patroni: ${version}`);
  const own = parts.map((part) => Number(part ?? 0)); // "4.0" has no third
  const differs = FIXED_IN.findIndex((part, i) => part !== own[i]);
  return differs >= 0 && (own[differs] ?? 0) < (FIXED_IN[differs] ?? 0);
};
