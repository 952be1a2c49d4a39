import { chmodSync, readFileSync } from 'node:fs';
import { type BackupVerification, type BackupVerifications, backupVerifications, replaceFile } from '@submilli/core';

const MOST = 50;

const readResults = (path: string): readonly BackupVerification[] => {
  try {
    return backupVerifications.parse(JSON.parse(readFileSync(path, 'utf8'))).verifications;
  } catch {
    // None yet, or none of this version: what is written next stands alone.
    return [];
  }
};

/** Adds a result to the file that the exporter reads; whoever may reach the file may read it, since it holds no secret. */
export const recordVerification = (path: string, stanza: string, one: BackupVerification): void => {
  const verifications = [...readResults(path), one].slice(-MOST);
  const file: BackupVerifications = { version: 1, stanza, verifications };
  replaceFile(path, `${JSON.stringify(file, null, 2)}\n`);
  chmodSync(path, 0o644);
};
