export type Format = 'jsonlog' | 'csvlog';

const NEWLINE = 0x0a;
const QUOTE = 0x22;

/** A record that is longer is left out: half a record of a server that was killed would leave a quote open for good. */
export const LONGEST_RECORD = 1024 * 1024;

/** `at`: how many bytes came before it. */
export type LogRecord = { readonly at: number; readonly text: string };

/** Whole records at the start of some bytes, and how many bytes they take; what follows is not complete yet. */
export type Records = { readonly records: readonly LogRecord[]; readonly bytes: number };

/**
 * Cuts bytes, which begin where a record does, into records: in a jsonlog each is a line; in a csvlog a newline within
 * quotes is part of the text, whatever that text looks like.
 */
export const cutRecords = (bytes: Buffer, format: Format): Records => {
  const records: LogRecord[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE && format === 'csvlog') quoted = !quoted;
    if (byte !== NEWLINE || quoted) continue;
    if (at > start) records.push({ at: start, text: bytes.toString('utf8', start, at) });
    start = at + 1;
  }
  return { records, bytes: start };
};

/** Where the first record begins that is not cut off at the front; nothing if none does. */
export const firstStart = (bytes: Buffer, format: Format): number | undefined => {
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === NEWLINE && (format === 'jsonlog' || isKnownStart(bytes, at + 1))) return at + 1;
  }
  return undefined;
};

/** `2026-11-23 20:25:37.123 UTC,` */
const stamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^,"\n]{1,10},/;
const STAMP_LENGTH = 40;

const isKnownStart = (bytes: Buffer, at: number): boolean =>
  stamp.test(bytes.toString('latin1', at, Math.min(bytes.length, at + STAMP_LENGTH)));
