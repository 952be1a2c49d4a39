const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
  '8kB': 8192,
};
const SECONDS: Readonly<Record<string, number>> = {
  ...{ us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 },
};

/**
 * A number of postgresql.conf in bytes or seconds, where its setting has a unit: `unit` is that of a bare number. Undefined
 * for what is no number, or has a unit that the server would refuse: they are case-sensitive.
 */
export const quantityOf = (text: string, unit: string): number | undefined => {
  const [, digits, own = ''] =
    /^\s*([-+]?(?:0x[\da-f]+|\d+\.?\d*(?:e[-+]?\d+)?|\.\d+))\s*([a-zA-Z]*)\s*$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const octal = /^[-+]?0\d+$/.test(digits);
  const number = octal ? parseInt(digits, 8) : Number(digits);
  const table = unit in BYTES ? BYTES : unit in SECONDS ? SECONDS : undefined;
  if (table === undefined) return own === '' ? number : undefined;
  const factor = own === '' ? table[unit] : table[own];
  // -1 and 0 are words more often than amounts: they stay what they are.
  return factor === undefined ? undefined : number <= 0 ? number : number * factor;
};

const TRUE = /^(o?n|t(r(ue?)?)?|y(es?)?|1)$/i;
const FALSE = /^(off?|f(a(l(se?)?)?)?|no?|0)$/i;

/** A boolean as the server reads it: on, true, yes, 1, and their beginnings as far as they are one of a kind. */
export const booleanOf = (text: string): boolean | undefined =>
  /^o$/i.test(text) ? undefined : TRUE.test(text) && !/^n$/i.test(text) ? true : FALSE.test(text) ? false : undefined;

export const bytesText = (bytes: number): string => {
  const [unit, size] = (
    [
      ['TB', 1024 ** 4],
      ['GB', 1024 ** 3],
      ['MB', 1024 ** 2],
      ['kB', 1024],
    ] as const
  ).find(([, of]) => bytes >= of) ?? ['B', 1];
  return `${Number((bytes / size).toFixed(1))} ${unit}`;
};

export const secondsText = (seconds: number): string =>
  seconds >= 7200
    ? `${Number((seconds / 3600).toFixed(1))} h`
    : seconds >= 1
      ? `${Number(seconds.toFixed(1))} s`
      : `${Number((seconds * 1000).toPrecision(3))} ms`;
