/** 1 − Φ(z), by the complementary error function of Numerical Recipes §6.2: a relative error below 1.2e-7, in the tail too. */
export const upperTail = (z: number): number => {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const sum = series.reduceRight((before, coefficient) => before * t + coefficient, 0);
  const tail = (t * Math.exp(-x * x + sum)) / 2;
  return z >= 0 ? tail : 1 - tail;
};

/** Both tails beyond |z|. */
export const bothTails = (z: number): number => Math.min(1, 2 * upperTail(Math.abs(z)));
