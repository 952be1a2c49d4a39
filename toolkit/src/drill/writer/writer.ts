import { setTimeout as sleep } from 'node:timers/promises';
import { type DrillPath, messageOf } from '@submilli/core';
import type { Failed } from '../verdict/writes';
import { classOf, NoAnswer } from './errors';
import type { Ledger } from './ledger';
import { dueAt, dueBeats, type Schedule } from './schedule';
import type { Connect, Session } from './session';

export type WriterOptions = {
  readonly run: string;
  readonly path: DrillPath;
  readonly connect: Connect;
  readonly schedule: Schedule;
  readonly ledger: Ledger;
  /** Milliseconds since the run began. */
  readonly now: () => number;
  /** The member behind an address, by name. */
  readonly memberAt: (server: string) => string;
  readonly sessions: number;
  readonly patienceMs: number;
};

/** A client that writes on one path, each write identified, at a steady beat. */
export type Writer = {
  readonly path: DrillPath;
  /** When and by whom the last write was acknowledged. */
  readonly last: () => { readonly at: number; readonly member: string } | undefined;
  /** How many were acknowledged that were sent since. */
  readonly acknowledgedSince: (at: number, byOtherThan?: string) => number;
  /** No further beats; resolves when the writes under way have ended, at the latest after a second. */
  readonly stop: () => Promise<{ readonly failed: readonly Failed[]; readonly unsent: number; readonly beats: number }>;
};

/** So many sessions are opened as beats need them, at least one each FRESH_MS however long others take to connect. */
const USUAL = 16;
const FRESH_MS = 100;
/** When those are stuck, and nothing was acknowledged for so long, new clients come at this pace. */
const STUCK_MS = 500;
const NEW_CLIENT_MS = 250;
/** More than this lie idle only after trouble. */
const SPARE = 3;
const TICK_MS = 2;
const LAST_WORDS_MS = 1000;

export const startWriter = (options: WriterOptions): Writer => {
  const { run, path, connect, schedule, ledger, now, memberAt, sessions, patienceMs } = options;
  const failed: Failed[] = [];
  const sentAndBy: { readonly sent: number; readonly member: string }[] = [];
  const idle: Session[] = [];
  const underWay = new Map<number, { readonly due: number; readonly drop: () => void }>();
  let last: { at: number; member: string } | undefined;
  let unsent = 0;
  let open = 0;
  let connecting = 0;
  let lastFresh = -Infinity;
  let next = 0;
  let stopped = false;

  const fail = (seq: number, due: number, error: unknown): void => {
    if (!underWay.delete(seq)) return; // it was given up already
    failed.push({ path, seq, due, at: now(), class: classOf(error), message: messageOf(error) });
  };

  const write = async (session: Session, seq: number, due: number): Promise<void> => {
    const sent = now();
    underWay.set(seq, { due, drop: session.drop });
    const timer = setTimeout(() => {
      fail(seq, due, new NoAnswer(`no answer within ${patienceMs / 1000} s`));
      session.drop();
    }, patienceMs);
    try {
      const { server, timeline } = await session.write(run, path, seq);
      if (!underWay.delete(seq)) return;
      const member = memberAt(server);
      const at = now();
      ledger.append({ path, seq, due, sent, at, member, timeline });
      last = { at, member };
      sentAndBy.push({ sent, member });
      rest(session);
    } catch (error) {
      fail(seq, due, error);
      session.drop();
    } finally {
      clearTimeout(timer);
      if (!session.alive()) open -= 1;
    }
  };

  const rest = (session: Session): void => {
    if (idle.length < SPARE && session.alive()) idle.push(session);
    else session.drop();
  };

  const openFor = async (seq: number, due: number): Promise<void> => {
    open += 1;
    connecting += 1;
    lastFresh = now();
    underWay.set(seq, { due, drop: () => undefined });
    let session: Session;
    try {
      session = await connect(patienceMs);
    } catch (error) {
      open -= 1;
      fail(seq, due, error);
      return;
    } finally {
      connecting -= 1;
    }
    await write(session, seq, due);
  };

  const takeIdle = (): Session | undefined => {
    for (let session = idle.pop(); session !== undefined; session = idle.pop()) {
      if (session.alive()) return session;
      open -= 1;
    }
    return undefined;
  };

  const mayOpen = (): boolean =>
    open < Math.min(USUAL, sessions)
      ? connecting === 0 || now() - lastFresh >= FRESH_MS
      : open < sessions && now() - (last?.at ?? 0) >= STUCK_MS && now() - lastFresh >= NEW_CLIENT_MS;

  const beat = (seq: number, due: number): void => {
    const session = takeIdle();
    if (session !== undefined) void write(session, seq, due);
    else if (mayOpen()) void openFor(seq, due);
    else unsent += 1;
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      const { from, to } = dueBeats(schedule, next, now());
      next = to;
      for (let seq = from; seq < to; seq += 1) beat(seq, dueAt(schedule, seq));
      await sleep(TICK_MS);
    }
  };
  const looping = loop();

  return {
    path,
    last: () => last,
    acknowledgedSince: (at, byOtherThan) =>
      countFromEnd(
        sentAndBy,
        ({ sent }) => sent >= at,
        ({ member }) => member !== byOtherThan,
      ),
    stop: async () => {
      stopped = true;
      await looping;
      for (let waited = 0; underWay.size > 0 && waited < LAST_WORDS_MS; waited += 20) await sleep(20);
      for (const [seq, { due, drop }] of underWay) {
        fail(seq, due, new NoAnswer('no answer by the end of the run'));
        drop();
      }
      for (const session of idle) session.drop();
      return { failed, unsent, beats: next };
    },
  };
};

/** Sent times rise but for a few that were under way together: the first hundred in a row that don't count end it. */
const countFromEnd = <T>(list: readonly T[], recent: (item: T) => boolean, counts: (item: T) => boolean): number => {
  let found = 0;
  let misses = 0;
  for (let i = list.length - 1; i >= 0 && misses < 100; i -= 1) {
    const item = list[i];
    if (item === undefined || !recent(item)) misses += 1;
    else if (counts(item)) found += 1;
  }
  return found;
};
