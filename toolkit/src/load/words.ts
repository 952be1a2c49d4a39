/** "2.41 ms", "1.20 s", "87 µs": three digits, in the unit that people would say. */
export const timeText = (seconds: number | null): string => {
  if (seconds === null) return '–';
  const [value, unit] = seconds >= 1 ? [seconds, 's'] : seconds >= 1e-3 ? [seconds * 1e3, 'ms'] : [seconds * 1e6, 'µs'];
  return `${digits(value)} ${unit}`;
};

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** "P99.9" of 0.999. */
export const quantileName = (quantile: number): string => `P${Number((quantile * 100).toPrecision(8))}`;

export const percentText = (ratio: number): string =>
  ratio === 0 ? '0 %' : ratio < 0.0001 ? '< 0.01 %' : `${Number((ratio * 100).toPrecision(3))} %`;

export const rateText = (perSecond: number): string => (perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toFixed(1));

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export const viaWords = { direct: 'directly', pool: 'through the pool' } as const;
