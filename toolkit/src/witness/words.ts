import { z } from 'zod';

/** A switch in Patroni's configuration or tags, which takes booleans, numbers and words. */
export const word = z
  .union([z.boolean(), z.number(), z.string(), z.null()])
  .optional()
  .transform((value) => String(value ?? 'off').toLowerCase());

export const isOn = (value: string): boolean => /^(on|true|yes|1)$/.test(value);
/** Not the opposite of `isOn`: what is neither is not understood. */
export const isOff = (value: string): boolean => /^(off|false|no|0)$/.test(value);
