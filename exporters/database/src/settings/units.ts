const FACTORS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
};

/**
 * A value of `pg_settings` in bytes, seconds or as it is: 16384 with unit `8kB` is 134217728. Booleans are 1 and 0.
 * Negative values mean "off" or "no limit" and stay what they are. Null for what is no number.
 */
export const baseValue = (setting: string, unit: string | null): number | null => {
  if (setting === 'on') return 1;
  if (setting === 'off') return 0;
  const number = setting === '' ? NaN : Number(setting);
  if (!Number.isFinite(number)) return null;
  if (number < 0 || unit === null) return number;
  const [, count = '', name = ''] = /^(\d*)([A-Za-z]+)$/.exec(unit) ?? [];
  const factor = FACTORS[name];
  return factor === undefined ? null : number * (count === '' ? 1 : Number(count)) * factor;
};
