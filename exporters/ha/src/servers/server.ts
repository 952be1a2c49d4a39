import {
  type Clock,
  type Config,
  connectSql,
  type Deadline,
  deadlineIn,
  messageOf,
  type Opened,
  type PostgresTarget,
  Problem,
  problemOf,
  type SqlSession,
  whereOf,
  within,
} from '@submilli/core';
import type { Reach } from '../http/reach';
import { knock } from './knock';

/** How the last session with a server ended, as far as it could be told. */
export type Ending = { readonly at: number; readonly how: 'shut down' | 'lost' };

/** One server that the configuration names, over one connection that is held open and shared by all who ask. */
export type Server = {
  readonly target: PostgresTarget;
  /** Works with the open session, opening it first if need be; rejects when that fails or `deadline` is over. */
  readonly use: <T>(work: (session: SqlSession) => Promise<T>, deadline: Deadline) => Promise<T>;
  readonly isOpen: () => boolean;
  /** Sessions opened so far. */
  readonly opened: () => number;
  readonly ending: () => Ending | undefined;
  /** How its port answers without logging in; asked at most once a second. */
  readonly reach: () => Promise<Reach>;
  readonly close: () => Promise<void>;
};

const KNOCK_MS = 750;
const KNOCK_EVERY_MS = 1000;

export const createServer = (target: PostgresTarget, limits: Config['timeouts'], clock: Clock): Server => {
  const where = whereOf(target);
  let current: Opened<SqlSession> | undefined;
  let opening: Promise<Opened<SqlSession>> | undefined;
  let opened = 0;
  let ended = false;
  let ending: Ending | undefined;
  let knocked: { readonly at: number; readonly reach: Promise<Reach> } | undefined;

  /** Not bound to who asks first: whoever comes while it is under way waits for the same one, as long as he can. */
  const open = async (): Promise<Opened<SqlSession>> => {
    let said = false;
    let made: Opened<SqlSession> | undefined;
    const onEnd = (reason: unknown): void => {
      if (made === undefined || said || ended) return;
      said = true;
      ending = { at: clock.monotonic(), how: isShutdown(reason) ? 'shut down' : 'lost' };
    };
    try {
      const options = { address: target, limits, applicationName: 'submilli/ha', dialect: 'postgres' } as const;
      made = await connectSql({ ...options, clock, onEnd }, deadlineIn(limits.connect_ms, clock));
      if (ended) {
        await made.close();
        throw new Problem('connection', { what: 'closed while connecting', where });
      }
      opened += 1;
      current = made;
      return made;
    } finally {
      opening = undefined;
    }
  };

  return {
    target,
    use: async (work, deadline) => {
      if (current?.isClosed() === true) current = undefined;
      const late = (): Error =>
        new Problem('timeout', {
          what: 'no answer before the deadline',
          where,
          hint: 'The server or the network between hangs; it is tried again by itself.',
        });
      const { session } = current ?? (await within((opening ??= open()), deadline, late));
      try {
        return await within(work(session), deadline, late);
      } catch (error) {
        // In the middle of a statement the server's last words are that statement's failure.
        if (isShutdown(error)) ending = { at: clock.monotonic(), how: 'shut down' };
        throw problemOf(error, where);
      }
    },
    isOpen: () => current?.isClosed() === false,
    opened: () => opened,
    ending: () => ending,
    reach: () => {
      const now = clock.monotonic();
      if (knocked === undefined || now - knocked.at >= KNOCK_EVERY_MS) {
        knocked = { at: now, reach: knock(target.host, target.port, KNOCK_MS) };
      }
      return knocked.reach;
    },
    close: async () => {
      ended = true;
      const last = current;
      current = undefined;
      await last?.close().catch((error: unknown) => messageOf(error));
    },
  };
};

/**
 * "Terminating connection due to administrator command" is what a server says that is shut down in order. One whose
 * postmaster died says the same code; only which of its functions speaks tells them apart, in any language.
 */
const isShutdown = (reason: unknown): boolean => {
  const { code, routine, cause } = (reason ?? {}) as { code?: unknown; routine?: unknown; cause?: unknown };
  if (code === '57P01') return routine === 'ProcessInterrupts';
  return cause !== undefined && isShutdown(cause);
};
