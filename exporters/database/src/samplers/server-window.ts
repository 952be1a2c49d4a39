import {
  type Deadline,
  defineSampler,
  emptyWindow,
  type Env,
  type PostgresFacts,
  readRows,
  selfMetrics,
  slide,
  spanOf,
  type SqlSession,
  type Window,
} from '@submilli/core';
import { z } from 'zod';
import { checkpointer } from '../collectors/checkpointer';
import { wal } from '../collectors/wal';

const row = z.object({
  started: z.number(),
  xid: z.number(),
  multixact: z.number(),
  sessions: z.number(),
  backend_fsyncs: z.number(),
});

/** The next ids, without taking one; the multixact's as its distance from 1, modulo 2^32. */
const textFor = (backendFsyncs: string): string => `
  SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8 AS started,
         pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::float8 AS xid,
         pg_catalog.mxid_age('1') AS multixact,
         (SELECT coalesce(sum(d.numbackends), 0) FROM pg_catalog.pg_stat_database d)::int AS sessions,
         (${backendFsyncs})::float8 AS backend_fsyncs`;

const sql = {
  14: textFor('SELECT b.buffers_backend_fsync FROM pg_catalog.pg_stat_bgwriter b'),
  17: textFor(`SELECT coalesce(sum(io.fsyncs), 0) FROM pg_catalog.pg_stat_io io
          WHERE io.backend_type = 'client backend' AND io.object = 'relation'`),
} as const;

const readOwn = readRows(sql, row);

/** The counters of one server that are judged over hours: a minute says nothing about checkpoints. */
export type ServerReading = {
  readonly started: number;
  readonly sessions: number;
  readonly counters: Counters;
};

export type Counters = {
  readonly xid: number;
  readonly timed: number;
  readonly requested: number;
  readonly walBytes: number;
  readonly walWrites: number;
  readonly walBuffersFull: number;
  readonly walFsyncs: number;
  /** Null while track_wal_io_timing is off. */
  readonly walFsyncSeconds: number | null;
  /** Of data files, by client sessions. */
  readonly backendFsyncs: number;
  readonly multixact: number;
};

export type ServerWindow = Window<ServerReading>;

/** Readings kept: twelve hours of a minute each. */
const MOST_READINGS = 720;

const read = async (session: SqlSession, env: Env<PostgresFacts>, deadline: Deadline): Promise<ServerReading> => {
  const [[own], [points], [written]] = [
    await readOwn(session, env, deadline),
    await checkpointer.read(session, env, deadline),
    await wal.read(session, env, deadline),
  ];
  if (own === undefined || points === undefined || written === undefined)
    throw new Error('the server has no statistics of WAL');
  return {
    ...{ started: own.started, sessions: own.sessions },
    counters: {
      ...{ xid: own.xid, multixact: own.multixact, timed: points.timed, requested: points.requested },
      ...{ walBytes: written.bytes, walWrites: written.writes, walBuffersFull: written.buffers_full },
      ...{ walFsyncs: written.fsyncs, walFsyncSeconds: written.fsync_seconds },
      backendFsyncs: own.backend_fsyncs,
    },
  };
};

/** Another server, another life of it, or statistics begun anew: not to be subtracted from each other. */
const isBreak = (before: ServerReading, now: ServerReading): boolean =>
  before.started !== now.started ||
  now.counters.timed < before.counters.timed ||
  now.counters.requested < before.counters.requested ||
  now.counters.walBytes < before.counters.walBytes ||
  now.counters.backendFsyncs < before.counters.backendFsyncs;

export const serverWindow = defineSampler({
  name: 'server-window',
  source: 'pg_stat_checkpointer (pg_stat_bgwriter before 17), pg_stat_wal, pg_stat_io, pg_current_snapshot()',
  metrics: { window: selfMetrics.window },
  // Broken connections don’t matter, as each reading says of which life of the server it is.
  keepsState: true,
  interval: ({ survey_interval_seconds }) => survey_interval_seconds,
  start: ({ survey_interval_seconds }): ServerWindow => emptyWindow(MOST_READINGS * survey_interval_seconds),
  read,
  fold: (window: ServerWindow, reading: ServerReading, at) => {
    const last = window.readings.at(-1)?.value;
    return slide(last !== undefined && isBreak(last, reading) ? emptyWindow(window.seconds) : window, at, reading);
  },
  publish: (window: ServerWindow, m) => [m.window({ collector: 'server-window' }, spanOf(window)?.seconds ?? null)],
});

export type ServerChange = Counters & { readonly seconds: number };

/** What happened since the window began; nothing before its second reading. */
export const changeOf = (window: ServerWindow): ServerChange | undefined => {
  const span = spanOf(window);
  if (span === undefined) return undefined;
  const [first, last] = [span.first.counters, span.last.counters];
  const between = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : b - a);
  return {
    seconds: span.seconds,
    ...{ xid: last.xid - first.xid, timed: last.timed - first.timed, requested: last.requested - first.requested },
    ...{ walBytes: last.walBytes - first.walBytes, walWrites: last.walWrites - first.walWrites },
    ...{ walBuffersFull: last.walBuffersFull - first.walBuffersFull, walFsyncs: last.walFsyncs - first.walFsyncs },
    walFsyncSeconds: between(first.walFsyncSeconds, last.walFsyncSeconds),
    backendFsyncs: last.backendFsyncs - first.backendFsyncs,
    multixact: (last.multixact - first.multixact + 2 ** 32) % 2 ** 32,
  };
};
