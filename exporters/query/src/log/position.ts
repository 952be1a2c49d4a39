import type { Format } from './records';

/** A file of the log directory. `modified` in seconds since the epoch. */
export type LogFile = { readonly name: string; readonly size: number; readonly modified: number };

/** Up to where the log is read: always where a record begins. */
export type Position = {
  readonly format: Format;
  readonly file: string;
  readonly offset: number;
  /** How the file begins, in hexadecimal: a file of the same name that begins otherwise is another one. */
  readonly head: string;
  readonly modified: number;
  /** It is within a record after all: that of a record too long to be read, or of one that was being written. */
  readonly midway?: boolean | undefined;
};

/** What to read next: a stretch of one file, or nothing. `skipped` bytes are given up for it. */
export type Next = {
  readonly file: LogFile | undefined;
  readonly offset: number;
  readonly skipped: number;
  /** The stretch may begin within a record: what comes before the first that is whole is to be left out. */
  readonly midway: boolean;
  /** Others were written after it: nothing more is added to it. */
  readonly final: boolean;
  /** Bytes from `offset` to the end of the last file. */
  readonly behind: number;
};

export const HEAD_BYTES = 128;

/** More than this is not caught up with: the newest part is read, the rest is given up, and said to be. */
export const MOST_BEHIND = 64 * 1024 * 1024;
const KEPT_OF_BACKLOG = 1024 * 1024;

/**
 * Files of one format, the oldest first. Names may repeat with the day of the week, so it is the time of the last write
 * that orders them.
 */
export const inOrder = (files: readonly LogFile[], format: Format): LogFile[] =>
  files
    .filter(({ name }) => name.endsWith(format === 'jsonlog' ? '.json' : '.csv'))
    .sort((a, b) => a.modified - b.modified || (a.name < b.name ? -1 : 1));

/**
 * Begins at the end of the current file: what was logged before somebody looked is not counted. One byte before it, to
 * see whether the last record there is whole.
 */
export const beginAt = (files: readonly LogFile[]): Next => {
  const file = files.at(-1);
  const size = file?.size ?? 0;
  const offset = Math.max(0, size - 1);
  return { file, offset, skipped: 0, midway: offset > 0, final: false, behind: size - offset };
};

/**
 * Where to go on. The file that was being read is read to its end first, then the ones that were written after it, each
 * from its beginning. A file that was truncated, or replaced by one of the same name, begins anew. One that is gone is
 * given up: how much of it was not read yet is not known.
 *
 * @param files of one format, in order
 * @param headOf how a file begins now, for the file of the position
 */
export const nextRead = (position: Position, files: readonly LogFile[], head: string | undefined): Next => {
  const same = files.find(({ name }) => name === position.file);
  const isSame =
    same !== undefined && head !== undefined && begins(head, position.head) && same.size >= position.offset;
  const offset = isSame ? position.offset : 0;
  // A file of another name that was last written in the second that ours was has been read before it, as a rule.
  const queue = isSame
    ? files.slice(files.indexOf(same))
    : files.filter((file) => file === same || file.modified > position.modified);
  const isPart = (file: LogFile | undefined): boolean => isSame && file === same;
  const all = queue.reduce((sum, { size }) => sum + size, 0) - offset;
  const last = queue.at(-1);
  if (all > MOST_BEHIND && last !== undefined) {
    const from = Math.max(isPart(last) ? offset : 0, last.size - KEPT_OF_BACKLOG);
    const behind = last.size - from;
    return { file: last, offset: from, skipped: all - behind, midway: from > 0, final: false, behind };
  }
  const unread = queue.find((file) => file.size > (isPart(file) ? offset : 0));
  const file = unread ?? last;
  const isOn = isPart(file);
  const midway = isOn && position.midway === true;
  return { file, offset: isOn ? offset : 0, skipped: 0, midway, final: file !== last, behind: Math.max(0, all) };
};

/** A file may have been shorter than its head when that was taken. */
const begins = (now: string, before: string): boolean => now.startsWith(before);
