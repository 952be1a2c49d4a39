export type Format = 'jsonlog' | 'csvlog';

const NEWLINE = 0x0a;
const QUOTE = 0x22;

/** `at`: how many bytes came before it. */
export type LogRecord = { readonly at: number; readonly text: string };

/** Records of some bytes, how many bytes they take, and what among them was no record; what follows is not complete. */
export type Records = {
  readonly records: readonly LogRecord[];
  readonly bytes: number;
  /** Stretches that were left out, as no record begins there. */
  readonly garbage: number;
  /** What follows may begin within a record. */
  readonly midway: boolean;
};

/**
 * Cuts bytes, which begin where a record does, into records: in a jsonlog each is a line; in a csvlog a newline within
 * quotes is part of the text, whatever that text looks like. Half a record of a full disk leaves a quote open, and
 * inside and outside are taken for each other from there on: that shows as soon as a line begins as none can.
 */
export const cutRecords = (bytes: Buffer, format: Format): Records => {
  const records: LogRecord[] = [];
  let start = 0;
  let garbage = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE && format === 'csvlog') quoted = !quoted;
    if (byte !== NEWLINE || quoted) continue;
    if (format === 'csvlog' && at > start && !isKnownStart(bytes, start)) {
      garbage += 1;
      const next = firstStart(bytes.subarray(start), format);
      if (next === undefined)
        return { records, bytes: start + mayBeGivenUp(bytes.subarray(start), format), garbage, midway: true };
      start += next;
      at = start - 1;
      continue;
    }
    if (at > start) records.push({ at: start, text: bytes.toString('utf8', start, at) });
    start = at + 1;
  }
  return { records, bytes: start, garbage, midway: false };
};

/** Where the first record begins that is not cut off at the front; nothing if none does. */
export const firstStart = (bytes: Buffer, format: Format): number | undefined => {
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) {
    if (format === 'jsonlog' || isKnownStart(bytes, at + 1)) return at + 1;
  }
  return undefined;
};

/** The same for bytes of which nobody knows whether a record begins with them. */
export const startMidway = (bytes: Buffer, format: Format): number | undefined =>
  format === 'csvlog' && isKnownStart(bytes, 0) ? 0 : firstStart(bytes, format);

/** `2026-11-23 20:25:37.123 UTC,` */
const stamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^,"\n]{1,10},/;
const STAMP_LENGTH = 40;

/** How many of some bytes without a start may go: what a start can still become of has to stay. */
export const mayBeGivenUp = (bytes: Buffer, format: Format): number =>
  format === 'jsonlog' || bytes.at(-1) === NEWLINE ? bytes.length : Math.max(0, bytes.length - STAMP_LENGTH);

const isKnownStart = (bytes: Buffer, at: number): boolean =>
  stamp.test(bytes.toString('latin1', at, Math.min(bytes.length, at + STAMP_LENGTH)));
