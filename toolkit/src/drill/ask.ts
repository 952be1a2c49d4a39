import { deadlineIn, messageOf, SubmilliError, systemClock, within } from '@submilli/core';
import { Client, type QueryResultRow } from 'pg';
import type { Login, Place } from './topology';

/** Runs one statement; drops the connection when no answer comes in time. */
export const ask = async <Row extends QueryResultRow>(
  client: Client,
  sql: string,
  timeoutMs: number,
  values?: unknown[],
): Promise<Row[]> => {
  const late = (): Error => new Error(`no answer within ${timeoutMs} ms: timeout`);
  try {
    const asked = values === undefined ? client.query<Row>(sql) : client.query<Row>(sql, values);
    return (await within(asked, deadlineIn(timeoutMs, systemClock), late)).rows;
  } catch (error) {
    if (error instanceof Error && error.message.endsWith('timeout')) client.connection.stream.destroy();
    throw error;
  }
};

const GOODBYE_MS = 500;

/** Bounds on the server's side. PgBouncer takes no such options; what goes through it is bounded by who asks. */
const BOUNDS = '-c lock_timeout=3s -c statement_timeout=30s';

/** A session of the drill itself, for the time of `work`. */
export const withSession = async <T>(
  place: Place,
  login: Login,
  work: (client: Client) => Promise<T>,
  { timeoutMs = 15_000, through = 'server' }: { timeoutMs?: number; through?: 'server' | 'pool' } = {},
): Promise<T> => {
  const { host, port, ssl } = place;
  const client = new Client({
    ...{ host, port, ssl, ...login, application_name: 'submilli/drill', connectionTimeoutMillis: timeoutMs },
    ...(through === 'pool' ? {} : { options: BOUNDS }),
  });
  client.on('error', () => undefined); // the query's own rejection tells
  try {
    await client.connect().catch((cause: unknown) => {
      throw new SubmilliError({ what: `no session: ${messageOf(cause)}`, where: `${host}:${port}`, cause });
    });
    const result = await work(client);
    // Going without a word is a lost session in the server's statistics.
    await within(client.end(), deadlineIn(GOODBYE_MS, systemClock), () => new Error('no goodbye')).catch(
      () => undefined,
    );
    return result;
  } finally {
    client.connection.stream.destroy();
  }
};
