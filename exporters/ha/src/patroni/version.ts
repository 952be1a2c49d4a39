/** "3.0.2" as [3, 0, 2]; whatever follows a number in a part is left out. */
const partsOf = (version: string): readonly number[] =>
  version.split('.').map((part) => Number(/^\d+/.exec(part)?.[0] ?? 0));

/** Below, at or above 0 as `a` is older than, the same as or newer than `b`. */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

export const isAtLeast = (version: string, than: string): boolean => compareVersions(version, than) >= 0;
