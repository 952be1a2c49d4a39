/** "P99.9" of 0.999. */
export const quantileName = (quantile: number): string => `P${Number((quantile * 100).toFixed(3))}`;

/** What a trading system promises itself, in seconds. */
export const targets: readonly (readonly [number, number])[] = [
  [0.5, 0.0003],
  [0.9, 0.0012],
  [0.95, 0.0018],
  [0.99, 0.0025],
  [0.999, 0.008],
];

export const targetOf = (quantile: number): number | undefined => targets.find(([of]) => of === quantile)?.[1];
