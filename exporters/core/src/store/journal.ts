import { createHash } from 'node:crypto';
import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../errors';
import type { Logger } from '../log';
import { draftOf, removeDrafts } from './replace-file';

/**
 * A file of JSON records, one a line, each with a checksum. Records are appended and on the disk before it says so; a
 * file that has grown far beyond what it stands for is written anew beside itself and put in its place. So whenever the
 * process ends, and wherever the file is cut, it holds a state that once was.
 */
export type Journal = {
  /** What it held at the start, in order. */
  readonly records: readonly unknown[];
  /** Settles when it is on the disk, or when that failed and was said. Never rejects. */
  readonly append: (record: unknown) => Promise<void>;
  /** Settles when all that was appended is. */
  readonly settled: () => Promise<void>;
};

export type JournalOptions = {
  readonly path: string;
  readonly log: Logger;
  /** What it keeps, for the log: "the history of advice". */
  readonly what: string;
  /** All that must be in it, what is being appended included. */
  readonly snapshot: () => Iterable<unknown>;
};

/** Below this it is not worth writing anew. */
const SMALL_BYTES = 256 * 1024;
const GROWTH = 4;
/** More than it can ever have become: not ours. */
const MAX_BYTES = 256 * 1024 * 1024;

export const openJournal = ({ path, log, what, snapshot }: JournalOptions): Journal => {
  removeDrafts(path);
  const { records, mark } = read(path, what, log);
  // How we left the file; undefined if what is there can't be built on.
  let left = mark;
  let limit = SMALL_BYTES + (left?.size ?? 0);
  let pending: unknown[] = [];
  let writing: Promise<void> | undefined;
  let trouble: string | undefined;

  const write = async (batch: readonly unknown[]): Promise<void> => {
    const text = batch.map(lineOf).join('');
    if (left !== undefined && left.size + Buffer.byteLength(text) <= limit) {
      const appended = await append(path, text, left);
      if (appended !== undefined) {
        left = appended;
        return;
      }
    }
    left = await replace(path, [...snapshot()].map(lineOf).join(''));
    limit = Math.max(SMALL_BYTES, GROWTH * left.size);
  };

  const writeAll = async (): Promise<void> => {
    // What is appended at the same moment is written at once.
    await Promise.resolve();
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        await write(batch);
        trouble = undefined;
      } catch (error) {
        // Half a line may be there: what comes next is written as a whole.
        left = undefined;
        const reason = messageOf(error);
        if (trouble !== reason) log.warn({ path }, `${what} cannot be kept: ${reason}`);
        trouble = reason;
      }
    }
    writing = undefined;
  };

  return {
    records,
    append: (record) => {
      pending.push(record);
      writing ??= writeAll();
      return writing;
    },
    settled: () => writing ?? Promise.resolve(),
  };
};

const lineOf = (record: unknown): string => {
  const text = JSON.stringify(record);
  return `${checksum(text)} ${text}\n`;
};

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** What tells that nobody else has changed or replaced a file. */
type Mark = { readonly size: number; readonly inode: bigint; readonly changed: bigint };

const markOf = ({ size, ino, mtimeNs }: BigIntStats): Mark => ({ size: Number(size), inode: ino, changed: mtimeNs });

type Held = { readonly records: readonly unknown[]; readonly mark: Mark | undefined };

/** All up to the first damage. What can't be read costs the memory, not the start. */
const read = (path: string, what: string, log: Logger): Held => {
  try {
    const mark = markOf(statSync(path, { bigint: true }));
    const contents = readFileSync(path);
    if (contents.length > MAX_BYTES) throw new Error(`${contents.length} bytes are more than it ever holds`);
    const records: unknown[] = [];
    let start = 0;
    for (let end = contents.indexOf(10); end >= 0; end = contents.indexOf(10, start)) {
      const record = recordOf(contents.toString('utf8', start, end));
      if (record === undefined) break;
      records.push(record.value);
      start = end + 1;
    }
    if (start === contents.length) return { records, mark: mark.size === start ? mark : undefined };
    log.warn(
      { path },
      `${what} is damaged after ${start} bytes: what comes before is kept (${records.length} records)`,
    );
    return { records, mark: undefined };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log.warn({ path }, `${what} cannot be read, and starts anew: ${messageOf(error)}`);
    }
    return { records: [], mark: undefined };
  }
};

const recordOf = (line: string): { readonly value: unknown } | undefined => {
  const text = line.slice(17);
  if (line.length < 18 || line.slice(0, 17) !== `${checksum(text)} `) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
};

/** Undefined if the file is not what we left: gone, or somebody else's work. */
const append = async (path: string, text: string, left: Mark): Promise<Mark | undefined> => {
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size, inode, changed } = markOf(await file.stat({ bigint: true }));
    if (size !== left.size || inode !== left.inode || changed !== left.changed) return undefined;
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) {
      written += (await file.write(bytes, written, bytes.length - written, size + written)).bytesWritten;
    }
    await file.datasync();
    return markOf(await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
};

const write = async (path: string, text: string): Promise<Mark> => {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    return markOf(await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
};

const replace = async (path: string, text: string): Promise<Mark> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = draftOf(path);
  let mark: Mark;
  try {
    mark = await write(draft, text);
    await rename(draft, path);
  } catch (error) {
    // On a full disk half a draft would take the room that is left, and stay when the next process has another name.
    await rm(draft, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
  return mark;
};

/** The new name must outlive a power cut too. */
const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};
