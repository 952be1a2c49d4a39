import type { SettingFacts } from './live';

const FACTORS: Readonly<Record<string, number>> = {
  ...{ B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 },
  ...{ us: 1e-3, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
};

/** A number with or without a unit, in bytes or milliseconds; `unit` is that of a bare number ("8kB"). */
export const amountOf = (value: unknown, unit: string | null = null): number | undefined => {
  const [, number, own] = /^\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(String(value)) ?? [];
  if (number === undefined) return undefined;
  const [, count, base] = /^(\d*)(\w*)$/.exec(own === '' ? (unit ?? '') : (own ?? '')) ?? [];
  const factor = base === undefined || base === '' ? 1 : FACTORS[base];
  return factor === undefined ? undefined : Number(number) * factor * Number(count === '' ? 1 : count);
};

const TRUE = ['on', 'true', 'yes', '1', 't', 'y'];
const FALSE = ['off', 'false', 'no', '0', 'f', 'n'];
const booleanOf = (value: unknown): boolean | undefined => {
  const text = String(value).toLowerCase();
  return TRUE.includes(text) ? true : FALSE.includes(text) ? false : undefined;
};

/** Whether a server that says this of a setting has the value it was given. */
export const hasValue = ({ vartype, setting, unit }: SettingFacts, wanted: unknown): boolean => {
  if (vartype === 'bool') return booleanOf(setting) === booleanOf(wanted);
  if (vartype === 'integer' || vartype === 'real') {
    const [a, b] = [amountOf(setting, unit), amountOf(wanted, unit)];
    // A value between two whole units is rounded to one of them.
    const grain = vartype === 'integer' ? (amountOf(1, unit) ?? 1) : 0;
    return a !== undefined && b !== undefined && Math.abs(a - b) < Math.max(grain, 1e-9 * Math.abs(a));
  }
  if (vartype === 'enum') {
    // 'on' may be another name for one of them, as of pglz in wal_compression.
    return setting.toLowerCase() === String(wanted).toLowerCase() || booleanOf(wanted) !== undefined;
  }
  return setting === String(wanted);
};
