import type { Deadline, Env, PostgresFacts, SqlSession } from '@submilli/core';
import type { LogAccess } from './access';
import type { LogLine } from './line';
import { beginAt, HEAD_BYTES, type LogFile, type Next, nextRead, type Position } from './position';
import type { Format } from './records';
import { type LogSettings, readLogSettings } from './settings';
import { findLog } from './source';
import { understand } from './understand';

/** One look into the log, since the one before. */
export type LogReading = LogStretch & { readonly settings: LogSettings; readonly by: 'file' | 'sql' };

/** What was read of it, and up to where. */
export type LogStretch = {
  readonly position: Position;
  readonly lines: readonly LocatedLine[];
  readonly counts: LogCounts;
  /** Bytes that are there and not read yet. */
  readonly behind: number;
};

/** `file` and `offset`: where the line is, for whoever wants to read all of it. */
export type LocatedLine = LogLine & { readonly file: string; readonly offset: number };

/** In bytes: read, and given up unread. In records: of no interest here, and not understood. */
export type LogCounts = {
  readonly bytes: number;
  readonly skipped: number;
  readonly irrelevant: number;
  readonly garbage: number;
};

/** Reads on from a position; without one, begins at the end of the current file. */
export const readLog = async (
  session: SqlSession,
  env: Env<PostgresFacts>,
  deadline: Deadline,
  position: Position | undefined,
): Promise<LogReading> => {
  const settings = await readLogSettings(session, deadline);
  const { format, files, access } = await findLog(session, env, settings, deadline);
  return { settings, by: access.by, ...(await readOn(access, format, files, position, deadline)) };
};

/** Most bytes of one look, and how long it may be at it: a log that was busy for a while is caught up with soon. */
const MOST_BYTES = 8 * 1024 * 1024;
const LONGEST_SHARE = 0.5;

/** Stretch by stretch, until what was there when the files were listed is read, or it is enough for now. */
export const readOn = async (
  access: LogAccess,
  format: Format,
  files: readonly LogFile[],
  position: Position | undefined,
  deadline: Deadline,
): Promise<LogStretch> => {
  const latest = deadline.remainingMs() * (1 - LONGEST_SHARE);
  let all = await readStretch(access, format, files, position?.format === format ? position : undefined, deadline);
  while (all.behind > 0 && all.counts.bytes < MOST_BYTES && deadline.remainingMs() > latest) {
    const next = await readStretch(access, format, files, all.position, deadline);
    const isStuck = isSamePlace(next.position, all.position);
    all = joined(all, next);
    if (isStuck) break;
  }
  return all;
};

const isSamePlace = (a: Position, b: Position): boolean => a.file === b.file && a.offset === b.offset;

const joined = (a: LogStretch, b: LogStretch): LogStretch => ({
  ...b,
  lines: [...a.lines, ...b.lines],
  counts: {
    bytes: a.counts.bytes + b.counts.bytes,
    skipped: a.counts.skipped + b.counts.skipped,
    irrelevant: a.counts.irrelevant + b.counts.irrelevant,
    garbage: a.counts.garbage + b.counts.garbage,
  },
});

const readStretch = async (
  access: LogAccess,
  format: Format,
  files: readonly LogFile[],
  position: Position | undefined,
  deadline: Deadline,
): Promise<LogStretch> => {
  const known = position?.file === NOWHERE ? undefined : position;
  const isThere = known !== undefined && files.some(({ name }) => name === known.file);
  // Read together with how the file begins: it may be replaced at any moment.
  const ahead = isThere ? await access.read(known.file, known.offset, access.mostBytes, deadline) : undefined;
  const next = known === undefined ? beginAt(files) : nextRead(known, files, ahead?.head.toString('hex'));
  if (next.file === undefined) {
    const counts = { bytes: 0, skipped: next.skipped, irrelevant: 0, garbage: 0 };
    return { position: known ?? nowhere(format), lines: [], counts, behind: 0 };
  }
  const { name, modified } = next.file;
  const isAhead = ahead !== undefined && name === known?.file && next.offset === known.offset;
  const { head, bytes } = isAhead ? ahead : await access.read(name, next.offset, access.mostBytes, deadline);
  const full = bytes.length >= access.mostBytes;
  const found = await understand(bytes, { format, midway: next.midway, final: next.final && !full, full });
  const offset = next.offset + found.taken;
  const { skipped, midway, counts } = found;
  return {
    position: { format, file: name, offset, head: headOf(next, head, bytes), modified, ...(midway ? { midway } : {}) },
    lines: found.lines.map((line) => ({ ...line, file: name, offset: line.at + next.offset })),
    counts: { ...counts, bytes: found.taken - skipped, skipped: next.skipped + skipped },
    behind: Math.max(0, next.behind - found.taken),
  };
};

/** Of the bytes themselves where they are the file's first: it may have been written to between the two. */
const headOf = ({ offset }: Next, head: Buffer, bytes: Buffer): string =>
  (offset === 0 ? bytes : head).subarray(0, HEAD_BYTES).toString('hex');

/** There was no file to begin in. */
const NOWHERE = '';
const nowhere = (format: Format): Position => ({ format, file: NOWHERE, offset: 0, head: '', modified: 0 });
