export const upTo = (random: () => number, most: number): number => 1 + Math.floor(random() * most);

/** SQL for a number from 0 to below `of`, drawn by a key of type integer; another salt, another draw. */
export const drawn = (key: string, salt: number, of: number): string =>
  `((pg_catalog.hashint4extended(${key}, ${salt}) & 1073741823) % ${of})::int`;

/** The same, small ones more often: about half of all draws are in the first eighth. */
export const skewed = (key: string, salt: number, of: number): string =>
  `floor(${of} * power(${drawn(key, salt, 1_000_000)} / 1e6, 3))::int`;
