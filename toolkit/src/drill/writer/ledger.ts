import { open, type FileHandle } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { drillPaths } from '@submilli/core';
import { z } from 'zod';
import type { Acknowledged } from '../verdict/writes';

/**
 * Where acknowledged writes are kept until they are looked up in the table. One that is not on our own disk yet does
 * not count as acknowledged, so that what is called lost was surely promised. Written in batches, each synced.
 */
export type Ledger = {
  readonly append: (write: Acknowledged) => void;
  /** Resolves when all is on the disk, and closes the file. */
  readonly close: () => Promise<void>;
};

export const openLedger = async (path: string): Promise<Ledger> => {
  const file = await open(path, 'wx', 0o600);
  let pending: string[] = [];
  let writing: Promise<void> | undefined;
  return {
    append: (write) => {
      pending.push(lineOf(write));
      writing ??= flush();
    },
    close: async () => {
      await writing;
      await file.close();
    },
  };

  async function flush(): Promise<void> {
    while (pending.length > 0) {
      const batch = pending.join('');
      pending = [];
      await writeAndSync(file, batch);
    }
    writing = undefined;
  }
};

const writeAndSync = async (file: FileHandle, text: string): Promise<void> => {
  await file.appendFile(text);
  await file.datasync();
};

const record = z.tuple([
  z.enum(drillPaths),
  z.number().int(),
  z.number(),
  z.number(),
  z.number(),
  z.string(),
  z.number().int(),
]);

export const lineOf = ({ path, seq, due, sent, at, member, timeline }: Acknowledged): string =>
  `${JSON.stringify([path, seq, due, sent, at, member, timeline])}\n`;

/** What a ledger holds; a last line that was cut off is not in it. */
export const parseLedger = (text: string): Acknowledged[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [path, seq, due, sent, at, member, timeline] = record.parse(JSON.parse(line));
      return { path, seq, due, sent, at, member, timeline };
    });

export const readLedger = (path: string): Acknowledged[] => parseLedger(readFileSync(path, 'utf8'));
