import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, SubmilliError } from '@submilli/core';
import { z } from 'zod';
import { writeFile } from '../stack/files';
import { type BaselineFile, baselineFile, VERSION } from './model';

/** Undefined where there is none yet. */
export const readBaseline = (path: string): BaselineFile | undefined => {
  if (!existsSync(path)) return undefined;
  const damaged = (why: string, cause?: unknown): SubmilliError =>
    new SubmilliError({
      ...{ what: `is no baseline that can be read (${why})`, where: path, cause },
      hint: 'Nothing was changed. Take it from a backup, or move it away and run submilli baseline update.',
    });
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw damaged(messageOf(cause), cause);
  }
  const version = z.object({ version: z.number() }).safeParse(content).data?.version;
  if (version !== undefined && version > VERSION) {
    throw new SubmilliError({
      ...{ what: `is of version ${version}, and this program knows ${VERSION}`, where: path },
      hint: 'Use the program that wrote it, or a newer one.',
    });
  }
  const { data, error } = baselineFile.safeParse(content);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw damaged(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`);
};

export const neededBaseline = (path: string): BaselineFile => {
  const baseline = readBaseline(path);
  if (baseline !== undefined) return baseline;
  throw new SubmilliError({
    ...{ what: 'there is no baseline yet', where: path },
    hint: 'Make one with submilli baseline update, or name another with --file.',
  });
};

export const writeBaseline = (path: string, file: BaselineFile): void => {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFile(path, `${JSON.stringify(file)}\n`, undefined, 0o644);
  } catch (cause) {
    throw new SubmilliError({
      ...{ what: `cannot be written (${messageOf(cause)})`, where: path, cause },
      hint: 'Name a file in a folder that you may write to with --file.',
    });
  }
};
