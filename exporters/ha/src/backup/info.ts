import { z } from 'zod';

/** `pgbackrest info --output=json` of 2.45, as far as we read it. Times are seconds since 1970, sizes bytes. */
const stanza = z.object({
  name: z.string(),
  status: z.object({ code: z.number(), message: z.string() }),
  db: z.array(z.object({ id: z.number(), 'repo-key': z.number(), version: z.string() })),
  repo: z.array(
    z.object({
      key: z.number(),
      cipher: z.string(),
      status: z.object({ code: z.number(), message: z.string() }),
    }),
  ),
  archive: z.array(
    z.object({
      database: z.object({ id: z.number(), 'repo-key': z.number() }),
      min: z.string().nullable(),
      max: z.string().nullable(),
    }),
  ),
  backup: z.array(
    z.object({
      label: z.string(),
      type: z.enum(['full', 'diff', 'incr']),
      error: z.boolean().nullish(),
      database: z.object({ id: z.number(), 'repo-key': z.number() }),
      timestamp: z.object({ start: z.number(), stop: z.number() }),
      info: z.object({ size: z.number(), repository: z.object({ delta: z.number() }) }),
    }),
  ),
});

const answer = z.array(stanza);

export const backupTypes = ['full', 'diff', 'incr'] as const;
export type BackupType = (typeof backupTypes)[number];

export type Backup = {
  readonly label: string;
  readonly type: BackupType;
  readonly start: number;
  readonly stop: number;
  /** Of the database that it restores. */
  readonly bytes: number;
  /** What it alone takes in the repository. */
  readonly repositoryBytes: number;
  /** pgBackRest found pages whose checksum is wrong. */
  readonly damaged: boolean;
};

export type Repository = {
  readonly key: number;
  /** Why it can't be used; null if it can. */
  readonly problem: string | null;
  readonly encrypted: boolean;
  /** The newest last. */
  readonly backups: readonly Backup[];
  /** The newest WAL segment in the archive; null if there is none. */
  readonly newestWal: string | null;
};

export type Backups = {
  readonly stanza: string;
  readonly postgres: string | null;
  readonly repositories: readonly Repository[];
};

/**
 * pgBackRest quotes a file that it could not decrypt byte by byte, control characters and all, which JSON does not have.
 */
const withoutControl = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ');

/** The first line: those after it may quote such a file. */
const firstLine = (message: string): string => (message.split('\n')[0] ?? '').replace(/:$/, '');

/** What pgBackRest says of one stanza; undefined if it knows none of that name. Throws where it is no such answer. */
export const parseInfo = (text: string, name: string): Backups | undefined => {
  const found = answer.parse(JSON.parse(withoutControl(text))).find((one) => one.name === name);
  if (found === undefined) return undefined;
  // Backups of an older major, or of another cluster that had the name before, restore something else.
  const newest = (key: number): number =>
    Math.max(...found.db.filter((db) => db['repo-key'] === key).map(({ id }) => id));
  return {
    stanza: name,
    postgres: found.db.at(-1)?.version ?? null,
    repositories: found.repo.map(({ key, cipher, status }) => {
      const own = (database: { id: number; 'repo-key': number }): boolean =>
        database['repo-key'] === key && database.id === newest(key);
      const backups = found.backup.filter(({ database }) => own(database));
      return {
        key,
        // 2: there is no backup yet, which is for others to judge.
        problem: status.code === 0 || status.code === 2 ? null : firstLine(status.message),
        encrypted: cipher !== 'none',
        newestWal: found.archive.find(({ database }) => own(database))?.max ?? null,
        backups: backups
          .map((one) => ({
            ...{ label: one.label, type: one.type, ...one.timestamp },
            ...{ bytes: one.info.size, repositoryBytes: one.info.repository.delta, damaged: one.error === true },
          }))
          .sort((a, b) => a.stop - b.stop),
      };
    }),
  };
};

/** The first moment that can be restored from a repository: the end of its oldest full backup. */
export const restorableSince = ({ backups }: Repository): number | null =>
  backups.find(({ type }) => type === 'full')?.stop ?? null;
