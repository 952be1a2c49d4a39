import { Client } from 'pg';
import { ask } from '../ask';
import type { Login, Place } from '../topology';
import { insertRow, insertSql, timelineOfWal } from '../table';
import { LocalOnly } from './errors';

export type Taken = { readonly server: string; readonly timeline: number };

/** One connection of a client, for one write at a time. */
export type Session = {
  readonly write: (run: string, path: string, seq: number) => Promise<Taken>;
  readonly alive: () => boolean;
  readonly drop: () => void;
};

/** Opens a session the way the clients of one path do. */
export type Connect = (patienceMs: number) => Promise<Session>;

/** libpq takes no less than two seconds for its `connect_timeout`. */
const NEXT_HOST_MS = 2000;

export const connectTo =
  (place: Place, login: Login): Connect =>
  async (patienceMs) =>
    sessionOf(await connected(place, login, patienceMs));

/**
 * As libpq does with several hosts and `target_session_attrs=read-write`: one after the other, on to the next after two
 * seconds without an answer, and the first that takes writes is it.
 */
export const connectToAny =
  (places: readonly Place[], login: Login): Connect =>
  async () => {
    let failure: unknown;
    for (const place of places) {
      try {
        const client = await connected(place, login, NEXT_HOST_MS);
        const rows = await ask<{ writable: boolean }>(client, writableSql, NEXT_HOST_MS);
        if (rows[0]?.writable === true) return sessionOf(client);
        failure = new Error('no member takes writes');
        client.connection.stream.destroy();
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };

const writableSql = 'SELECT NOT pg_catalog.pg_is_in_recovery() AS writable';

const connected = async (place: Place, login: Login, timeoutMs: number): Promise<Client> => {
  const client = new Client({
    ...{ host: place.host, port: place.port, ssl: place.ssl },
    ...login,
    application_name: 'submilli/drill',
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
  });
  client.on('error', () => undefined); // whoever waits for an answer is told
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  }
};

const sessionOf = (client: Client): Session => {
  let alive = true;
  let warning: string | undefined;
  client.on('error', () => (alive = false));
  client.on('end', () => (alive = false));
  client.on('notice', ({ message }) => {
    if (/canceling (the )?wait for synchronous replication/.test(message ?? '')) warning = message;
  });
  return {
    alive: () => alive,
    drop: () => {
      alive = false;
      client.connection.stream.destroy();
    },
    write: async (run, path, seq) => {
      warning = undefined;
      const { rows } = await client.query(insertSql, [run, path, seq]);
      if (warning !== undefined) throw new LocalOnly(warning);
      const { server, wal } = insertRow.parse(rows[0]);
      return { server, timeline: timelineOfWal(wal) };
    },
  };
};
