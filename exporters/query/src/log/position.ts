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

/** Begins at the end of the current file: what was logged before somebody looked is not counted. */
export const beginAt = (files: readonly LogFile[]): Next => {
  const file = files.at(-1);
  return { file, offset: file?.size ?? 0, skipped: 0, midway: true, final: false };
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
  const queue =
    same === undefined
      ? files.filter(({ modified }) => modified >= position.modified)
      : [same, ...files.slice(files.indexOf(same) + 1)];
  const behind = queue.reduce((sum, { size }) => sum + size, 0) - offset;
  const last = queue.at(-1);
  if (behind > MOST_BEHIND && last !== undefined) {
    const from = Math.max(last === same ? offset : 0, last.size - KEPT_OF_BACKLOG);
    const skipped = behind - (last.size - from);
    return { file: last, offset: from, skipped, midway: from > 0, final: false };
  }
  const unread = queue.find((file) => file.size > (file === same ? offset : 0));
  const file = unread ?? last;
  return { file, offset: file === same ? offset : 0, skipped: 0, midway: false, final: file !== last };
};

/** A file may have been shorter than its head when that was taken. */
const begins = (now: string, before: string): boolean => now.startsWith(before);
