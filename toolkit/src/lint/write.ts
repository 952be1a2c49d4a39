import { chmodSync, chownSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { messageOf, SubmilliError } from '@submilli/core';
import type { Fixed } from './fix';

/** Writes a mended file in one step, with the mode and the owner it had; where it is a link, what that leads to. */
export const writeFixed = ({ source, text }: Fixed): void => {
  const path = realpathSync(source.path);
  const { mode, uid, gid } = statSync(path);
  if (readFileSync(path, 'utf8').replace(/^\uFEFF/, '') !== source.text) {
    const hint = 'Run it again: nothing was written to this file.';
    throw new SubmilliError({ what: 'it was changed while it was looked at', where: source.path, hint });
  }
  const partial = `${path}.${process.pid}.partial`;
  try {
    writeFileSync(partial, text, { mode: 0o600, flush: true });
    const now = statSync(partial);
    if (now.uid !== uid || now.gid !== gid) chownSync(partial, uid, gid);
    chmodSync(partial, mode & 0o7777);
    renameSync(partial, path);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw new SubmilliError({ what: `cannot write it (${messageOf(cause)})`, where: source.path, cause });
  }
};
