/** The value below which the share `p` lies, between neighbours by their distance (type 7 of Hyndman and Fan, 1996). */
export const quantileOf = (values: readonly number[], p: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * p;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low + (high - low) * (place - Math.floor(place));
};

export const medianOf = (values: readonly number[]): number => quantileOf(values, 0.5);

/** Of a normal distribution the median distance is so much less than the standard deviation. */
const NORMAL = 1.4826;

/** The median distance from the median, as large as the standard deviation would be without outliers. */
export const madOf = (values: readonly number[]): number => {
  const middle = medianOf(values);
  return NORMAL * medianOf(values.map((value) => Math.abs(value - middle)));
};
