import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SubmilliError } from '@submilli/core';
import { z } from 'zod';
import { type FileState, own, syncFolder, writeWhole } from '../stack/durable';

/** A file as a journal names it; null is none. */
export const fileRef = z
  .object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    mode: z.number().int(),
    uid: z.number().int(),
    gid: z.number().int(),
  })
  .nullable();
export type FileRef = z.output<typeof fileRef>;

export const refOf = (file: FileState | undefined): FileRef =>
  file === undefined ? null : { sha256: sha256Of(file.content), mode: file.mode, uid: file.uid, gid: file.gid };

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

export const isSameFile = (one: FileRef, other: FileRef): boolean =>
  one === null || other === null
    ? one === other
    : one.sha256 === other.sha256 && one.mode === other.mode && one.uid === other.uid && one.gid === other.gid;

/** The contents that a deploy found and those it puts there, by their sums. They hold secrets: nobody else may read them. */
export type Backup = {
  /** On the disk when it returns. */
  readonly keep: (file: FileState | undefined) => FileRef;
  readonly load: (ref: FileRef) => FileState | undefined;
};

export const openBackup = (directory: string): Backup => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  syncFolder(join(directory, '..'));
  const pathOf = (sha256: string): string => join(directory, sha256);
  return {
    keep: (file) => {
      const ref = refOf(file);
      if (file !== undefined && ref !== null && !existsSync(pathOf(ref.sha256))) {
        writeWhole(pathOf(ref.sha256), own(file.content));
      }
      return ref;
    },
    load: (ref) => {
      if (ref === null) return undefined;
      const { sha256, ...rest } = ref;
      const content = readFileSync(pathOf(sha256));
      if (sha256Of(content) === sha256) return { content, ...rest };
      throw new SubmilliError({
        what: 'the kept copy is not what it was',
        where: pathOf(sha256),
        hint: 'Somebody wrote to it, or the disk did: put the file back by hand.',
      });
    },
  };
};
