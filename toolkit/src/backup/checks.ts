import { join } from 'node:path';
import { messageOf } from '@submilli/core';
import type { Account } from '@submilli/local-postgres';
import { exec } from '../stack/exec';
import { isAt, landingOf } from './landing';
import { type Moment, timestampOf } from './moment';
import type { ScratchServer } from './scratch-server';
import type { Scratch } from './scratch';

/** What was looked at in a restored database, and what was seen. */
export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };

export type CheckOptions = {
  readonly server: ScratchServer;
  readonly scratch: Scratch;
  readonly bin: string;
  readonly account: Account | undefined;
  readonly superuser: string;
  readonly target: Moment;
  /** Statements of the user's own, which must be true of the copy; $1 is the moment. */
  readonly smoke: readonly string[];
  readonly signal: AbortSignal;
};

const attempt = async (name: string, work: () => Promise<{ ok: boolean; detail: string }>): Promise<Check> => {
  try {
    return { name, ...(await work()) };
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) };
  }
};

/** Recovery ended where it should: by the server's own account of the last transaction, and of the one after it. */
const position = ({ server, target }: CheckOptions): Promise<Check> =>
  attempt('moment', () => {
    const landing = landingOf(server.log());
    const text = (moment: Moment | null): string => (moment === null ? 'none' : timestampOf(moment));
    const detail = `last transaction ${text(landing.last)}, next ${text(landing.next)}`;
    return Promise.resolve({ ok: isAt(landing, target), detail });
  });

const databasesSql = `SELECT datname::text AS name FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1`;
const relationsSql = `SELECT count(*)::int AS n FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'm')`;
const beatSql = `SELECT (max(c.at) - $1::timestamptz) <= '0' AS before, extract(epoch FROM $1::timestamptz - max(c.at))::float8 AS gap FROM submilli.canary c`;
const hasBeatSql = `SELECT pg_catalog.count(*) = 1 AS has FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('submilli.canary') AND attname = 'at'`;

const databasesOf = (server: ScratchServer): Promise<string[]> =>
  server.query('postgres', async (client) =>
    (await client.query<{ name: string }>(databasesSql)).rows.map(({ name }) => name),
  );

const opens = ({ server }: CheckOptions): Promise<Check> =>
  attempt('databases', async () => {
    const names = await databasesOf(server);
    const counts = await Promise.all(
      names.map((name) =>
        server.query(name, async (client) => (await client.query<{ n: number }>(relationsSql)).rows[0]?.n ?? 0),
      ),
    );
    return { ok: names.length > 0, detail: names.map((name, i) => `${name} ${counts[i]} relations`).join(', ') };
  });

/** The canary's last beat (`submilli setup-role --canary`) is of before the moment, and shows how close to it we are. */
const beat = (options: CheckOptions, database: string): Promise<Check> =>
  attempt(`heartbeat of ${database}`, () =>
    options.server.query(database, async (client) => {
      const { rows } = await client.query<{ before: boolean | null; gap: number | null }>(beatSql, [
        timestampOf(options.target),
      ]);
      const { before, gap } = rows[0] ?? {};
      if (before === null || before === undefined) return { ok: true, detail: 'the canary has never written' };
      return { ok: before, detail: `last beat ${(gap ?? NaN).toFixed(3)} s before the moment` };
    }),
  );

const beats = async (options: CheckOptions): Promise<Check[]> => {
  const found: Check[] = [];
  for (const database of await databasesOf(options.server)) {
    const has = await options.server.query(
      database,
      async (client) => (await client.query<{ has: boolean }>(hasBeatSql)).rows[0]?.has,
    );
    if (has === true) found.push(await beat(options, database));
  }
  return found;
};

/** Every table and index, page by page, by PostgreSQL's own checker. */
const amcheck = ({ bin, scratch, account, superuser, signal }: CheckOptions): Promise<Check> =>
  attempt('pg_amcheck', async () => {
    const args = ['--all', '--install-missing', '--jobs=2', `--host=${scratch.socket}`, `--username=${superuser}`];
    const out = await exec(join(bin, 'pg_amcheck'), [...args, '--maintenance-db=postgres'], {
      purpose: 'pg_amcheck',
      account,
      signal,
    });
    return { ok: true, detail: out.trim() === '' ? 'nothing is corrupt' : out.trim().slice(0, 300) };
  });

const smokes = ({ server, smoke, target, signal }: CheckOptions): Promise<Check[]> =>
  Promise.all(
    smoke.map((statement) => {
      const { database, sql } = splitDatabase(statement);
      return attempt(sql.replaceAll(/\s+/g, ' ').slice(0, 80), () => {
        signal.throwIfAborted();
        return server.query(database, async (client) => {
          await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = '5min'`);
          const values = sql.includes('$1') ? [timestampOf(target)] : [];
          const { rows } = await client.query<unknown[]>({ text: sql, values, rowMode: 'array' });
          const bad = rows.filter((row) => row.some((value) => value === false || value === null));
          return {
            ok: rows.length > 0 && bad.length === 0,
            detail: rows.length === 0 ? 'no row' : JSON.stringify(rows[0]).slice(0, 200),
          };
        });
      });
    }),
  );

/** A line "-- database: NAME" above a statement says where it is asked; postgres otherwise. */
const splitDatabase = (statement: string): { readonly database: string; readonly sql: string } => ({
  database: /^--\s*database:\s*(\S+)\s*$/m.exec(statement)?.[1] ?? 'postgres',
  sql: statement.replaceAll(/^--.*$/gm, '').trim(),
});

/** The statements of a file of SQL, which are separated by a semicolon at the end of a line. */
export const statementsIn = (text: string): string[] =>
  text.split(/;[ \t]*(?:\n|$)/).filter((statement) => splitDatabase(statement).sql !== '');

/** Everything that is looked at while the server runs. */
export const checkRunning = async (options: CheckOptions): Promise<Check[]> => [
  await position(options),
  await opens(options),
  ...(await beats(options)),
  ...(await smokes(options)),
  await amcheck(options),
];

/** Checksums of all pages; the server must have been stopped. */
export const checkPages = ({ bin, scratch, account, signal }: CheckOptions): Promise<Check> =>
  attempt('pg_checksums', async () => {
    const control = await exec(join(bin, 'pg_controldata'), ['-D', scratch.data], {
      purpose: 'pg_controldata',
      account,
      signal,
    });
    if (/^Data page checksum version:\s+0$/m.test(control))
      return { ok: true, detail: 'this cluster has none (initdb --data-checksums)' };
    const out = await exec(join(bin, 'pg_checksums'), ['--check', '-D', scratch.data], {
      purpose: 'pg_checksums',
      account,
      signal,
    });
    const blocks = /Blocks scanned:\s+(\d+)/.exec(out)?.[1] ?? '?';
    return { ok: true, detail: `${blocks} pages, all right` };
  });
