import { readFileSync, statSync } from 'node:fs';
import { messageOf, SubmilliError } from '@submilli/core';
import { writeWhole } from '../stack/durable';
import type { Fixed } from './fix';

/** Writes a mended file in one step, with the mode and the owner it had; where it is a link, what that leads to. */
export const writeFixed = ({ source: { path, text: before }, text }: Fixed): void => {
  const { mode, uid, gid } = statSync(path);
  if (readFileSync(path, 'utf8').replace(/^\uFEFF/, '') !== before) {
    const hint = 'Run it again: nothing was written to this file.';
    throw new SubmilliError({ what: 'it was changed while it was looked at', where: path, hint });
  }
  try {
    writeWhole(path, { content: Buffer.from(text), mode: mode & 0o7777, uid, gid });
  } catch (cause) {
    throw new SubmilliError({ what: `cannot write it (${messageOf(cause)})`, where: path, cause });
  }
};
