import { readFileSync } from 'node:fs';
import { type BackupVerification, backupVerifications, messageOf, Problem } from '@submilli/core';

/** What `submilli backup verify` has written; nothing where it never has. Throws a problem for a file of another kind. */
export const readVerifications = (path: string): readonly BackupVerification[] => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Problem('permission', { what: `cannot be read: ${messageOf(cause)}`, where: path, cause });
  }
  try {
    return backupVerifications.parse(JSON.parse(text)).verifications;
  } catch (cause) {
    const hint = 'It is written by `submilli backup verify` alone: remove it, and verify again.';
    throw new Problem('other', { what: 'no results of a verification', where: path, hint, cause });
  }
};
