import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';

/** A way to the primary: an address, or all members, of which the one that takes writes is it. */
export type Route = { readonly name: string; readonly places: readonly ClientConfig[] };

/** What became of the writes of one route; times by the wall clock, in milliseconds. */
export type Outcome = { readonly acknowledged: readonly number[]; readonly failed: readonly number[] };

export type Writers = { readonly stop: () => Promise<ReadonlyMap<string, Outcome>> };

/** Longer than the pool lets a client wait. */
const PATIENCE_MS = 12_000;
/** libpq goes on to the next host after no less. */
const NEXT_HOST_MS = 2000;
/** While a write hangs others come, as other clients would. */
const SESSIONS = 6;
const FRESH_MS = 100;

const INSERT = 'INSERT INTO public.routes (route) VALUES ($1)';

const open = async ({ places }: Route): Promise<Client> => {
  let failure: unknown;
  for (const place of places) {
    const client = new Client({ ...place, connectionTimeoutMillis: places.length > 1 ? NEXT_HOST_MS : PATIENCE_MS });
    client.on('error', () => undefined); // whoever waits for an answer is told
    try {
      await client.connect();
      if (places.length === 1) return client;
      const { rows } = await client.query<{ standby: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS standby');
      if (rows[0]?.standby === false) return client;
      failure = new Error('a standby');
    } catch (error) {
      failure = error;
    }
    client.connection.stream.destroy();
  }
  throw failure;
};

/** On each route a write every `everyMs`, on a session that is free, or on a new one. */
export const startWriters = (routes: readonly Route[], everyMs: number): Writers => {
  let stopped = false;
  const running = routes.map(async (route) => {
    const acknowledged: number[] = [];
    const failed: number[] = [];
    const idle: Client[] = [];
    let busy = 0;
    let lastFresh = 0;
    const write = async (known: Client | undefined): Promise<void> => {
      busy += 1;
      let client = known;
      const timer = setTimeout(() => client?.connection.stream.destroy(), PATIENCE_MS);
      try {
        client ??= await open(route);
        await client.query(INSERT, [route.name]);
        acknowledged.push(Date.now());
        idle.push(client);
      } catch {
        failed.push(Date.now());
        client?.connection.stream.destroy();
      } finally {
        clearTimeout(timer);
        busy -= 1;
      }
    };
    for (let due = Date.now(); !stopped; due += everyMs) {
      const client = idle.pop();
      const mayOpen = busy === 0 || (busy < SESSIONS && Date.now() - lastFresh >= FRESH_MS);
      if (client === undefined && mayOpen) lastFresh = Date.now();
      if (client !== undefined || mayOpen) void write(client);
      await sleep(Math.max(0, due + everyMs - Date.now()));
    }
    for (let waited = 0; busy > 0 && waited < PATIENCE_MS; waited += 50) await sleep(50);
    for (const client of idle) client.connection.stream.destroy();
    return [route.name, { acknowledged, failed }] as const;
  });
  return {
    stop: async () => {
      stopped = true;
      return new Map(await Promise.all(running));
    },
  };
};
