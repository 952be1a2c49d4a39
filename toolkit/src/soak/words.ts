import { bytesText, short } from '../report/words';
import type { Unit } from './measures';

/** "1.2 MiB", "3"; nothing where there is nothing to tell. */
export const amount = (value: number | null, unit: Unit): string => {
  if (value === null) return 'not told';
  const size = unit === 'bytes' ? bytesText(Math.abs(value)) : short(Math.abs(value));
  return value < 0 ? `−${size}` : size;
};
