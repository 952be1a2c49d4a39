import { setImmediate as pause } from 'node:timers/promises';
import type { Deadline, Env, PostgresFacts, SqlSession } from '@submilli/core';
import { type LogLine, parseCsvRecord, parseJsonLine } from './line';
import { beginAt, HEAD_BYTES, nextRead, type Position } from './position';
import { cutRecords, firstStart, type Format, LONGEST_RECORD, type LogRecord } from './records';
import { type LogSettings, readLogSettings } from './settings';
import { findLog } from './source';

/** One look into the log, since the one before. */
export type LogReading = {
  readonly settings: LogSettings;
  readonly by: 'file' | 'sql';
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
  const known = position?.format === format ? position : undefined;
  const stillThere = known !== undefined && files.some(({ name }) => name === known.file);
  const head = stillThere ? (await access.read(known.file, 0, 0, deadline)).head.toString('hex') : undefined;
  const next = known === undefined ? beginAt(files) : nextRead(known, files, head);
  const none = { lines: [], counts: { bytes: 0, skipped: next.skipped, irrelevant: 0, garbage: 0 }, behind: 0 };
  if (next.file === undefined) {
    const empty = { format, file: '', offset: 0, head: '', modified: 0 };
    return { settings, by: access.by, position: known ?? empty, ...none };
  }
  const { head: own, bytes } = await access.read(next.file.name, next.offset, access.mostBytes, deadline);
  const found = await understand(bytes, format, next.midway, next.final && bytes.length < access.mostBytes);
  const offset = next.offset + found.taken;
  return {
    settings,
    by: access.by,
    position: {
      ...{ format, file: next.file.name, offset, modified: next.file.modified },
      head: own.subarray(0, HEAD_BYTES).toString('hex'),
    },
    lines: found.lines.map((line) => ({ ...line, file: next.file?.name ?? '', offset: line.at + next.offset })),
    counts: { ...found.counts, bytes: bytes.length, skipped: next.skipped + found.skipped },
    behind: Math.max(0, next.file.size - offset),
  };
};

type Understood = {
  readonly taken: number;
  readonly skipped: number;
  readonly lines: readonly (LogLine & { readonly at: number })[];
  readonly counts: { readonly irrelevant: number; readonly garbage: number };
};

/** Records that are parsed before others get their turn. */
const AT_ONCE = 500;

/** @param final nothing comes after these bytes: a record that has no end will never have one */
const understand = async (bytes: Buffer, format: Format, midway: boolean, final: boolean): Promise<Understood> => {
  const start = midway ? (firstStart(bytes, format) ?? bytes.length) : 0;
  const cut = cutRecords(bytes.subarray(start), format);
  const lines: (LogLine & { at: number })[] = [];
  let irrelevant = 0;
  let garbage = 0;
  for (const [i, { at, text }] of cut.records.entries()) {
    const parsed = parseRecord(text, format);
    if (parsed === 'irrelevant') irrelevant += 1;
    else if (parsed === 'garbage') garbage += 1;
    else lines.push({ ...parsed, at: at + start });
    if (i % AT_ONCE === AT_ONCE - 1) await pause();
  }
  const rest = bytes.length - start - cut.bytes;
  const tooLong = rest > LONGEST_RECORD ? (firstStart(bytes.subarray(start + cut.bytes), format) ?? rest) : 0;
  if (final && rest > 0) garbage += 1;
  const taken = final ? bytes.length : start + cut.bytes + tooLong;
  return { taken, skipped: tooLong, lines, counts: { irrelevant, garbage } };
};

const parseRecord = (text: LogRecord['text'], format: Format) =>
  format === 'jsonlog' ? parseJsonLine(text) : parseCsvRecord(text);
