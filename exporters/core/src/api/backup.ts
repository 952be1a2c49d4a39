import { z } from 'zod';

/** One rehearsal of a restore: what `submilli backup verify` did and found. Times are ISO 8601, durations seconds. */
export const backupVerification = z.object({
  at: z.iso.datetime(),
  repository: z.number(),
  /** The moment that was asked for. */
  target: z.iso.datetime({ offset: true }),
  /** Of the last transaction that is there, and of the first that is not any more; null: there was none. */
  lastTransaction: z.iso.datetime().nullable(),
  nextTransaction: z.iso.datetime().nullable(),
  /** Copying the files; replaying WAL until the server took connections; and the checks. */
  restoreSeconds: z.number(),
  recoverySeconds: z.number(),
  checkSeconds: z.number(),
  bytes: z.number(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  ok: z.boolean(),
});
export type BackupVerification = z.infer<typeof backupVerification>;

/** The file that the exporter reads: the newest last, some dozens of them. */
export const backupVerifications = z.object({
  version: z.literal(1),
  stanza: z.string(),
  verifications: z.array(backupVerification),
});
export type BackupVerifications = z.infer<typeof backupVerifications>;
