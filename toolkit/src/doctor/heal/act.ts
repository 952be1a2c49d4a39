import {
  type Config,
  connectSql,
  deadlineIn,
  messageOf,
  type PgbouncerTarget,
  type PostgresTarget,
  SubmilliError,
  systemClock,
} from '@submilli/core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from '../finding';
import { APPLICATION } from '../look/server';
import type { Outcome } from './audit';

/** Who acts: the exporters' own roles may look, and no more. */
export type Login = { readonly user: string; readonly password_file?: string | undefined };

export type Healer = {
  readonly config: Config;
  /** With pg_signal_backend; the entry's own if none is named. */
  readonly server: Login | undefined;
  /** Of PgBouncer's admin_users. */
  readonly pool: Login | undefined;
};

const SECONDS = 10;

/** Does one thing. Never throws: what could not be done is an outcome as well. */
export const perform = async (act: Act, healer: Healer): Promise<Outcome> => {
  try {
    switch (act.kind) {
      case 'reconnect':
        return await command(act.pool, `RECONNECT "${act.database.replaceAll('"', '""')}"`, healer);
      case 'reload':
        return await command(act.pool, 'RELOAD', healer);
      case 'cancel':
      case 'terminate':
        return await signal(act, healer);
    }
  } catch (error) {
    return { result: 'failed', detail: messageOf(error) };
  }
};

const command = async (pool: string, text: string, { config, pool: login }: Healer): Promise<Outcome> => {
  const target = entryOf(config.pgbouncer, pool);
  const address = { ...as(target, login), database: 'pgbouncer' };
  const options = { limits: config.timeouts, applicationName: APPLICATION, dialect: 'pgbouncer' } as const;
  const deadline = deadlineIn(SECONDS * 1000, systemClock);
  const { session, close } = await connectSql({ ...options, address, clock: systemClock }, deadline);
  try {
    await session.query(text, [], deadline);
    return { result: 'done', detail: text };
  } finally {
    await close();
  }
};

export type Signal = Extract<Act, { kind: 'cancel' | 'terminate' }>;

/**
 * One statement looks and acts: between our look and now the session may have gone on, and its number may be another's.
 * It is only hit while it is in the same transaction, and in the state that it was judged by.
 */
const signalSql = (kind: Signal['kind']): string => `
  SELECT pg_catalog.pg_${kind}_backend(a.pid) AS done
    FROM pg_catalog.pg_stat_activity a
   WHERE a.pid = $1
     AND extract(epoch FROM a.backend_start)::text = $2
     AND extract(epoch FROM a.xact_start)::text = $3
     AND a.state LIKE $4 AND a.backend_type = 'client backend'`;

const valuesOf = ({ session, state }: Signal): readonly unknown[] => [
  ...[session.pid, session.backendStart, session.transactionStart, `${state}%`],
];

const signal = async (act: Signal, healer: Healer): Promise<Outcome> => {
  return withServer(act.server, healer, async (query) => {
    const [row] = await query(signalSql(act.kind), valuesOf(act));
    if (row === undefined) return { result: 'moot', detail: 'it is over, or has gone on' };
    if (row.done !== true) return { result: 'failed', detail: `pg_${act.kind}_backend says it could not` };
    return { result: 'done', detail: `pg_${act.kind}_backend(${act.session.pid})` };
  });
};

const thereSql = `
  SELECT FROM pg_catalog.pg_stat_activity a
   WHERE a.pid = $1 AND extract(epoch FROM a.backend_start)::text = $2 AND extract(epoch FROM a.xact_start)::text = $3
     AND a.state LIKE $4`;

/** Whether a session still does what it was judged by, asked until it does not or the patience ends. */
export const outlasts = async (act: Signal, healer: Healer, seconds: number): Promise<boolean> => {
  const end = performance.now() + seconds * 1000;
  return withServer(act.server, healer, async (query) => {
    for (;;) {
      if ((await query(thereSql, valuesOf(act))).length === 0) return false;
      if (performance.now() > end) return true;
      await sleep(200);
    }
  });
};

type Query = (text: string, values: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>;

const withServer = async <T>(server: string, healer: Healer, work: (query: Query) => Promise<T>): Promise<T> => {
  const { config, server: login } = healer;
  const address = as(entryOf(config.postgres, server), login);
  const options = { limits: config.timeouts, applicationName: APPLICATION, dialect: 'postgres' } as const;
  const deadline = deadlineIn(SECONDS * 1000, systemClock);
  const { session, close } = await connectSql({ ...options, address, clock: systemClock }, deadline);
  try {
    return await work((text, values) => session.query(text, values, deadlineIn(SECONDS * 1000, systemClock)));
  } finally {
    await close();
  }
};

const entryOf = <T extends { readonly name: string }>(entries: readonly T[], name: string): T => {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw new SubmilliError({ what: `no entry is called ${name} any more` });
  return found;
};

const as = <T extends PostgresTarget | PgbouncerTarget>(target: T, login: Login | undefined): T =>
  login === undefined
    ? target
    : { ...target, user: login.user, password: undefined, password_file: login.password_file };
