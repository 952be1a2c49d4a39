import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { memberBy, onMember } from '../stack';

/** Of a load, on the server and among the files of this machine. */
export type Left = { readonly clients: number; readonly tables: boolean; readonly files: readonly string[] };

export const nothing: Left = { clients: 0, tables: false, files: [] };

export const leftOf = async (state: string): Promise<Left> =>
  onMember(state, (await memberBy(true)).port, async (client) => {
    const { rows } = await client.query<{ clients: number; tables: boolean }>(
      `SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'submilli_load' AND state <> 'idle') AS clients,
              EXISTS (SELECT FROM pg_namespace WHERE nspname = 'submilli_load') AS tables`,
    );
    const files = readdirSync(tmpdir()).filter((name) => name.startsWith('submilli-load-'));
    return { ...(rows[0] ?? { clients: -1, tables: true }), files };
  });

/** Promises that every machine keeps, however busy it is, and one that none does. */
export const easy = ['--promise', 'p50=20s', '--errors', '100'];
export const impossible = ['--promise', 'p50=0.000001ms'];

/** What a page must not have that is to be opened anywhere, years later. */
export const FETCHES = /https?:|<script|<link|<img|url\(|@import|\bon\w+=/;
