/** A way in which Patroni loses acknowledged writes in spite of synchronous mode. */
export type KnownLoss = {
  /** The first version without it. */
  readonly fixedIn: string;
  readonly what: string;
};

const losses: readonly KnownLoss[] = [
  {
    fixedIn: '3.0.3',
    what: 'a leader that was hung for longer than its lock lives takes the lock back from its successor (with etcd v3)',
  },
  {
    fixedIn: '3.2.0',
    what: 'Patroni that starts beside a primary which was replaced releases the commits that wait there for a standby',
  },
];

/** Throws a `RangeError` for what is no version. */
const numbersOf = (version: string): readonly number[] => {
  const [, ...parts] = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  if (parts.length === 0) throw new RangeError(`not a version of Patroni: ${version}`);
  return parts.map((part: string | undefined) => Number(part ?? 0)); // "4.0" has no third
};

const isBefore = (version: string, other: string): boolean => {
  const [own, others] = [numbersOf(version), numbersOf(other)];
  const differs = own.findIndex((part, i) => part !== others[i]);
  return differs >= 0 && (own[differs] ?? 0) < (others[differs] ?? 0);
};

/** What a version can lose writes by; cluster/patroni/lossless.py runs it with the fixes. */
export const knownLosses = (version: string): readonly KnownLoss[] =>
  losses.filter(({ fixedIn }) => isBefore(version, fixedIn));
