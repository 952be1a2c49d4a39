import { Client, types } from 'pg';
import { type ConnectionOptions, TLSSocket } from 'node:tls';
import { type Clock, type Deadline, within } from '../clock';
import type { Opened } from '../collector/link';
import { readFile, readPassword, type SecretSource } from '../config/secrets';
import { messageOf } from '../errors';
import { Problem, problemOf } from '../problem';
import { isOutdatedPlan, preparedNames } from './prepared';
import { vetMessages } from './vet-messages';

export type SqlAddress = SecretSource & {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly sslmode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  readonly sslrootcert?: string | undefined;
  readonly sslcert?: string | undefined;
  readonly sslkey?: string | undefined;
};

export type SqlLimits = { readonly connect_ms: number; readonly lock_ms: number; readonly statement_ms: number };

export type Row = Readonly<Record<string, unknown>>;

/** One session with one server. Queries run one after the other; every one of them is bounded. */
export type SqlSession = {
  readonly query: (text: string, values: readonly unknown[], deadline: Deadline) => Promise<readonly Row[]>;
  /** What the server showed us when we connected; null without TLS. */
  readonly certificate: () => PeerCertificate | null;
};

/** `validTo` in milliseconds since the epoch. */
export type PeerCertificate = { readonly subject: string; readonly validTo: number };

export type SqlOptions = {
  readonly address: SqlAddress;
  readonly limits: SqlLimits;
  readonly applicationName: string;
  /** PgBouncer's console speaks the simple protocol only and refuses start-up options and SET. */
  readonly dialect: 'postgres' | 'pgbouncer';
  readonly clock: Clock;
  /** Has the server keep the plan of each statement: for a session that asks the same over and over. */
  readonly prepares?: boolean;
  /** Told how far connecting has come; begins anew when TLS was refused and is not insisted on. */
  readonly onStep?: (step: ConnectStep) => void;
  /** Told why the open session ends, in the server's words where it has time for some. May be told more than once. */
  readonly onEnd?: (reason: unknown) => void;
  /** Drops the connection, whatever it is doing. */
  readonly signal?: AbortSignal;
};

/** `connected`: the transport is there, TLS included. `authenticated`: the server has let us in, but is not yet ready. */
export type ConnectStep = 'connecting' | 'connected' | 'authenticated';

/** How long a server gets to act on its own time limit before we drop the connection. */
const GRACE_MS = 250;

const INT8 = 20;
const NUMERIC = 1700;

/** 64-bit integers and numerics as numbers (Prometheus values are doubles). Ids are cast to text in the SQL instead. */
const typeParsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC
      ? Number
      : (types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown),
};

export const whereOf = ({ name, host, port }: Pick<SqlAddress, 'name' | 'host' | 'port'>): string =>
  `${name} (${host}:${port})`;

/** Opens one session. The password is read now, so that a rotated secret works at the next reconnect. */
export const connectSql = async (options: SqlOptions, deadline: Deadline): Promise<Opened<SqlSession>> => {
  const { address } = options;
  try {
    return await connectWith(options, tlsOf(address), deadline);
  } catch (error) {
    if (address.sslmode === 'prefer' && /does not support SSL/i.test(messageOf(error))) {
      return connectWith(options, false, deadline);
    }
    throw error;
  }
};

const connectWith = async (
  { address, limits, applicationName, dialect, clock, prepares = false, onStep, onEnd, signal }: SqlOptions,
  ssl: ConnectionOptions | false,
  deadline: Deadline,
): Promise<Opened<SqlSession>> => {
  const where = whereOf(address);
  const password = readPassword(address, where);
  const client = new Client({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    ...(password === undefined ? {} : { password }),
    ssl,
    application_name: applicationName,
    connectionTimeoutMillis: Math.max(1, Math.min(limits.connect_ms, deadline.remainingMs())),
    keepAlive: true,
    types: typeParsers,
    ...(dialect === 'postgres' ? { options: startupOptions(limits) } : {}),
  });
  vetMessages(client, where);
  let closed = false;
  // Without a listener an error on an idle connection would end the process.
  client.on('error', (reason) => {
    closed = true;
    onEnd?.(reason);
  });
  client.on('end', () => {
    closed = true;
    onEnd?.(undefined);
  });
  if (onStep !== undefined) tellSteps(client, ssl !== false, onStep);
  const drop = (): void => void client.connection.stream.destroy();
  signal?.addEventListener('abort', drop, { once: true });
  client.on('end', () => signal?.removeEventListener('abort', drop));
  try {
    signal?.throwIfAborted();
    await client.connect();
  } catch (error) {
    void client.end().catch(() => undefined);
    throw problemOf(error, where);
  }

  const destroy = (): void => {
    closed = true;
    client.connection.stream.destroy();
  };
  let serverLimitMs = limits.statement_ms;
  const names = preparedNames();

  const ask = (text: string, values: readonly unknown[], isRepeated: boolean) => {
    const name = prepares && isRepeated ? names.of(text) : undefined;
    if (name !== undefined) return client.query<Row>({ name, text, values: [...values] });
    return values.length === 0 ? client.query<Row>(text) : client.query<Row>(text, [...values]);
  };

  const run = async (
    text: string,
    values: readonly unknown[],
    limitMs: number,
    isRepeated = true,
  ): Promise<readonly Row[]> => {
    const end = { remainingMs: remainingFrom(clock, limitMs + GRACE_MS) };
    const late = (): Problem =>
      new Problem('timeout', {
        what: `no answer within ${Math.round(limitMs + GRACE_MS)} ms`,
        where,
        hint: 'The server or the network between hangs; the connection was dropped and is opened again by itself.',
      });
    try {
      const result = await within(ask(text, values, isRepeated), end, late);
      return result.rows;
    } catch (error) {
      if (isRepeated && isOutdatedPlan(error)) {
        names.forget(text);
        return run(text, values, limitMs, false);
      }
      const problem = problemOf(error, where);
      if (problem.kind === 'connection' || error instanceof Problem) destroy();
      throw problem;
    }
  };

  const queryNow: SqlSession['query'] = async (text, values, queryDeadline) => {
    const remaining = Math.floor(queryDeadline.remainingMs()) - GRACE_MS;
    if (remaining <= limits.lock_ms) {
      throw new Problem('timeout', { what: 'the scrape’s deadline left no time for it', where });
    }
    const limitMs = Math.min(limits.statement_ms, remaining);
    if (dialect === 'postgres' && (limitMs < serverLimitMs || limitMs > serverLimitMs * 2)) {
      await run(`SET statement_timeout = ${limitMs}`, [], limits.statement_ms, false);
      serverLimitMs = limitMs;
    }
    return run(text, values, limitMs);
  };
  /** Samplers share a session: each takes its turn, and what it then has left of its deadline. */
  let turn: Promise<unknown> = Promise.resolve();
  const query: SqlSession['query'] = (...asked) => {
    const mine = turn.then(() => queryNow(...asked));
    turn = mine.catch(() => undefined);
    return mine;
  };

  return {
    session: { query, certificate: () => certificateOf(client.connection.stream) },
    isClosed: () => closed,
    close: async () => {
      closed = true;
      await within(client.end(), { remainingMs: remainingFrom(clock, 1000) }, () => new Error('slow')).catch(destroy);
    },
  };
};

const tellSteps = (client: Client, encrypted: boolean, onStep: (step: ConnectStep) => void): void => {
  const { connection } = client;
  const connected = (): void => onStep('connected');
  onStep('connecting');
  if (encrypted) connection.once('sslconnect', () => connection.stream.once('secureConnect', connected));
  else connection.once('connect', connected);
  connection.once('authenticationOk', () => onStep('authenticated'));
};

const certificateOf = (stream: unknown): PeerCertificate | null => {
  if (!(stream instanceof TLSSocket)) return null;
  const { subject, subjectaltname, valid_to } = stream.getPeerCertificate();
  const validTo = Date.parse(valid_to);
  // Newer authorities leave the common name out.
  const name: string | string[] | undefined = subject?.CN ?? subjectaltname;
  return Number.isNaN(validTo) ? null : { subject: Array.isArray(name) ? name.join(',') : (name ?? ''), validTo };
};

const remainingFrom = (clock: Clock, ms: number): (() => number) => {
  const end = clock.monotonic() + ms;
  return () => end - clock.monotonic();
};

const startupOptions = ({ lock_ms, statement_ms }: SqlLimits): string =>
  [
    `lock_timeout=${lock_ms}`,
    `statement_timeout=${statement_ms}`,
    'idle_in_transaction_session_timeout=10000',
    'default_transaction_read_only=on',
    'search_path=',
    'jit=off',
    'DateStyle=ISO',
    'standard_conforming_strings=on',
  ]
    .map((setting) => `-c ${setting}`)
    .join(' ');

/** libpq's meaning of sslmode. */
export const tlsOf = (
  address: Pick<SqlAddress, 'name' | 'host' | 'port' | 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey'>,
): ConnectionOptions | false => {
  const { sslmode, sslrootcert, sslcert, sslkey } = address;
  if (sslmode === 'disable') return false;
  const read = (path: string | undefined, key: string): string | undefined =>
    path === undefined ? undefined : readFile(path, whereOf(address), key);
  const ca = read(sslrootcert, 'sslrootcert');
  const cert = read(sslcert, 'sslcert');
  const key = read(sslkey, 'sslkey');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    // As in libpq: naming a root certificate turns `require` into `verify-ca`.
    rejectUnauthorized: sslmode === 'verify-ca' || sslmode === 'verify-full' || ca !== undefined,
    ...(sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }), // by default it is for the host
  };
};
