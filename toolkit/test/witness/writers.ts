import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** Clients that stay with one member each and write to it whenever it is a primary, so that none can hide. */
export type Writers = {
  /** Every write that was acknowledged, in the order of the answers; times in ms of the monotonic clock. */
  readonly acknowledged: readonly Write[];
  readonly stop: () => Promise<void>;
};
export type Write = { readonly id: string; readonly port: number; readonly sent: number; readonly answered: number };

export type Login = { readonly user: string; readonly password: string; readonly database: string };

const EVERY_MS = 10;

export const TABLE = 'CREATE TABLE IF NOT EXISTS public.witnessed (id text PRIMARY KEY)';

/** `run` tells the writes of this run from earlier ones. */
export const startWriters = (ports: readonly number[], login: Login, caFile: string, run: string): Writers => {
  const ssl = { ca: readFileSync(caFile) };
  const acknowledged: Write[] = [];
  const stop = new AbortController();
  let next = 0;
  const insert = async (client: Client, port: number): Promise<void> => {
    next += 1;
    const id = `${run}-${port}-${next}`;
    const sent = performance.now();
    await client.query('INSERT INTO public.witnessed VALUES ($1)', [id]);
    acknowledged.push({ id, port, sent, answered: performance.now() });
  };
  const stay = async (port: number): Promise<void> => {
    while (!stop.signal.aborted) {
      const client = new Client({
        ...{ ...login, host: '127.0.0.1', port, ssl, connectionTimeoutMillis: 500, query_timeout: 3000 },
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
        const { rows } = await client.query<{ standby: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS standby');
        while (!stop.signal.aborted && rows[0]?.standby === false) {
          await insert(client, port);
          await sleep(EVERY_MS);
        }
      } catch {
        // It was not acknowledged, and may or may not have been written.
      } finally {
        client.connection.stream.destroy();
      }
      await sleep(EVERY_MS);
    }
  };
  const writers = ports.map(stay);
  return {
    acknowledged,
    stop: async () => {
      stop.abort();
      await Promise.all(writers);
    },
  };
};

/** Of the acknowledged writes, those a member doesn't have. */
export const missingOn = async (client: Client, { acknowledged }: Writers): Promise<string[]> => {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM public.witnessed');
  const present = new Set(rows.map(({ id }) => id));
  return acknowledged.filter(({ id }) => !present.has(id)).map(({ id }) => id);
};
