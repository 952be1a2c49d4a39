/** How many letters must be added, dropped, changed or swapped with the next one. */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The known name that was probably meant, if one is near enough: a third of the letters may be wrong. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  const own = name.toLowerCase().replaceAll('-', '_');
  const [best] = known
    .map((candidate) => ({ candidate, far: distance(own, candidate.toLowerCase().replaceAll('-', '_')) }))
    .toSorted((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1));
  return best !== undefined && best.far <= Math.max(1, Math.floor(name.length / 3)) ? best.candidate : undefined;
};
