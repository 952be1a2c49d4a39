/** The same numbers in every run (mulberry32). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

export const upTo = (random: () => number, most: number): number => 1 + Math.floor(random() * most);

/** In random order (Fisher and Yates). */
export const shuffled = <T>(list: readonly T[], random: () => number): readonly T[] => {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
};

/** SQL for a number from 0 to below `of`, drawn by a key of type integer; another salt, another draw. */
export const drawn = (key: string, salt: number, of: number): string =>
  `((pg_catalog.hashint4extended(${key}, ${salt}) & 1073741823) % ${of})::int`;

/** The same, small ones more often: about half of all draws are in the first eighth. */
export const skewed = (key: string, salt: number, of: number): string =>
  `floor(${of} * power(${drawn(key, salt, 1_000_000)} / 1e6, 3))::int`;
