import type { Moved } from './model';
import { bytesText, clockText, latencyText, percentText, short, timeText } from './words';

/** "03:11:00, 90 s before the first alert: sessions blocked by locks rose from 0 to 14". */
export const moveText = ({ signal, at, direction, usual, reached, unit }: Moved, from: string): string => {
  const before = (Date.parse(from) - Date.parse(at)) / 1000;
  const when =
    before === 0
      ? 'with the first alert'
      : `${timeText(Math.abs(before))} ${before > 0 ? 'before' : 'after'} the first alert`;
  return `${clockText(at)}, ${when}: ${signal} ${direction} from ${amount(usual, unit)} to ${amount(reached, unit)}`;
};

const amount = (value: number, unit: string): string => {
  switch (unit) {
    case 'seconds':
      return latencyText(value);
    case 'bytes':
      return bytesText(value);
    case 'bytes per second':
      return `${bytesText(value)}/s`;
    case 'ratio':
      return percentText(value);
    case 'per second':
      return `${short(value)}/s`;
    default:
      return short(value);
  }
};
