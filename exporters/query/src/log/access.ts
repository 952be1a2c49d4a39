import { open, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type Deadline, type SqlSession } from '@submilli/core';
import { z } from 'zod';
import { HEAD_BYTES, type LogFile } from './position';

/** A stretch of a log file, and how that file begins. */
export type Stretch = { readonly head: Buffer; readonly bytes: Buffer };

/** The server's log directory, from beside it or through it. */
export type LogAccess = {
  readonly by: 'file' | 'sql';
  readonly list: (deadline: Deadline) => Promise<readonly LogFile[]>;
  readonly read: (name: string, offset: number, length: number, deadline: Deadline) => Promise<Stretch>;
  /** Most that is read at a time. */
  readonly mostBytes: number;
};

export const fileAccess = (directory: string): LogAccess => ({
  by: 'file',
  mostBytes: 8 * 1024 * 1024,
  list: async () => {
    const names = (await readdir(directory)).filter((name) => /\.(json|csv)$/.test(name));
    const all = await Promise.all(
      names.map(async (name): Promise<LogFile[]> => {
        // It may be rotated away between the two calls.
        const found = await stat(join(directory, name)).catch(() => undefined);
        return found?.isFile() === true ? [{ name, size: found.size, modified: found.mtimeMs / 1000 }] : [];
      }),
    );
    return all.flat();
  },
  read: async (name, offset, length) => {
    const file = await open(join(directory, name), 'r').catch(nothingIfGone);
    if (file === undefined) return gone;
    try {
      const at = async (from: number, size: number): Promise<Buffer> => {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, from);
        return buffer.subarray(0, bytesRead);
      };
      return { head: await at(0, HEAD_BYTES), bytes: await at(offset, length) };
    } finally {
      await file.close();
    }
  },
});

/** It was rotated away since it was listed. */
const gone: Stretch = { head: Buffer.alloc(0), bytes: Buffer.alloc(0) };
const nothingIfGone = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
};

const fileRow = z.object({ name: z.string(), size: z.number(), modified: z.number() });
const stretchRow = z.object({ head: z.instanceof(Buffer).nullable(), bytes: z.instanceof(Buffer).nullable() });

/** Through functions that pg_monitor may call, and one that has to be made and granted. */
export const sqlAccess = (session: SqlSession): LogAccess => ({
  by: 'sql',
  mostBytes: 1024 * 1024,
  list: async (deadline) => fileRow.array().parse(await session.query(listSql, [], deadline)),
  read: async (name, offset, length, deadline) => {
    const rows = await session.query(readSql, [name, HEAD_BYTES, offset, length], deadline);
    const [found] = stretchRow.array().length(1).parse(rows);
    if (found === undefined) throw new Error('unreachable');
    return { head: found.head ?? gone.head, bytes: found.bytes ?? gone.bytes };
  },
});

const listSql = `
  SELECT f.name, f.size, pg_catalog.date_part('epoch', f.modification)::float8 AS modified
    FROM pg_catalog.pg_ls_logdir() f
   WHERE f.name LIKE '%.json' OR f.name LIKE '%.csv'`;

// With exact types, so that no other function of the name is meant.
const readSql = `
  SELECT submilli.read_log($1::text, 0::int8, $2::int8) AS head,
         submilli.read_log($1::text, $3::int8, $4::int8) AS bytes`;

/**
 * Whether the function that reads the log was made, by a superuser, and we may call it. One that somebody else made, or
 * could put in its place as the schema is theirs, would run whatever they like with our rights.
 */
export const mayReadLog = async (session: SqlSession, deadline: Deadline): Promise<boolean> => {
  const rows = z.array(z.object({ readable: z.boolean() })).parse(await session.query(mayReadSql, [], deadline));
  return rows[0]?.readable === true;
};

// Looked up in the catalogs: to name it would be an error where the schema is not ours to look into.
const mayReadSql = `
  SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
         AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AS readable
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_roles s ON s.oid = n.nspowner
   WHERE n.nspname = 'submilli' AND p.proname = 'read_log'
     AND p.proargtypes = '25 20 20'::pg_catalog.oidvector -- text, int8, int8
     AND r.rolsuper AND s.rolsuper`;

/** Where the server's log directory is in the file system. */
export const directoryOf = (settings: { readonly directory: string; readonly dataDirectory: string }): string =>
  isAbsolute(settings.directory) ? settings.directory : join(settings.dataDirectory, settings.directory);

/**
 * Whether a directory here is the one that the server writes to: it has the current file, and what the server says of
 * that file is no longer than what is here. Another server's directory may have the same path.
 */
export const isSameDirectory = async (directory: string, current: LogFile): Promise<boolean> => {
  const found = await stat(join(directory, current.name)).catch(() => undefined);
  if (found === undefined || found.size < current.size) return false;
  const readable = await open(join(directory, current.name), 'r').catch(() => undefined);
  await readable?.close();
  return readable !== undefined && Math.abs(found.mtimeMs / 1000 - current.modified) <= SAME_WRITE_SECONDS;
};

/** The server rounds to seconds, and may have written since. */
const SAME_WRITE_SECONDS = 60;
