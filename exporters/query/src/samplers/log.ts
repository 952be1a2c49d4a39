import {
  counter,
  defineSampler,
  type Emitters,
  type Env,
  gauge,
  histogram,
  histogramValue,
  type PostgresFacts,
  type Sample,
  type SqlSession,
} from '@submilli/core';
import { z } from 'zod';
import { commitDuration } from '../latency/metrics';
import { type LogState, startLogState, takeLog } from '../latency/state';
import { type LogReading, readLog } from '../log/read';

const metrics = {
  latency: histogram(
    'db_query_latency_seconds',
    'How long statements take on the server, from its log: every duration that is logged, weighted by how many like it are not. phase="simple" is a whole statement of the simple protocol, commit included unless in BEGIN; parse, bind and execute are steps of the extended one, drawn independently.',
    ['database', 'query_type', 'phase', 'source'],
  ),
  commit: commitDuration,
  errors: counter(
    'db_query_errors_total',
    'Errors in the server’s log by SQLSTATE. A statement that was cancelled (57014) or lost a deadlock (40P01) has no duration anywhere.',
    ['database', 'sqlstate'],
  ),
  lines: counter(
    'db_query_log_lines_total',
    'Lines of the server’s log: durations, errors, others; unweighed durations were written while the settings changed; garbage could not be understood.',
    ['kind'],
  ),
  bytes: counter('db_query_log_read_bytes_total', 'Bytes of the server’s log that were read.'),
  skipped: counter(
    'db_query_log_skipped_bytes_total',
    'Bytes of the server’s log that were given up unread: a backlog of more than 64 MiB, or a record without end.',
  ),
  behind: gauge(
    'db_query_log_behind_bytes',
    'Bytes of the server’s log that were there and not read yet at the last look.',
  ),
} as const;

/** The server's own log, read on from where the last look ended; also of a process before this one. */
export const log = defineSampler({
  name: 'log',
  source: 'jsonlog, csvlog',
  needs: { privilege: 'pg_monitor' },
  metrics,
  interval: (config) => config.sample_interval_seconds,
  keepsState: true,
  start: startLogState,
  read: (session: SqlSession, env: Env<PostgresFacts>, deadline, state: LogState) =>
    readLog(session, env, deadline, state.reading?.position ?? state.resumed ?? undefined),
  fold: (state: LogState, reading: LogReading, at, env: Env<PostgresFacts>) =>
    takeLog(state, reading, at, ownUsers(env)),
  publish: (state, m) => [...latencySamples(state, m), ...ownSamples(state, m)],
  persist: {
    save: (state: LogState) => state.reading?.position,
    load: (saved, fresh) => {
      const position = savedPosition.safeParse(saved);
      return position.success ? { ...fresh, resumed: position.data } : undefined;
    },
  },
});

/** Those that we come as: what we do is not the workload. */
const ownUsers = ({ config, facts }: Env<PostgresFacts>): ReadonlySet<string> =>
  new Set([facts.user, ...config.postgres.flatMap(({ canary }) => (canary === undefined ? [] : [canary.user]))]);

const savedPosition = z.object({
  format: z.enum(['jsonlog', 'csvlog']),
  file: z.string().regex(/^[^/]+$/),
  offset: z.number().int().min(0),
  head: z.string().regex(/^[0-9a-f]*$/),
  modified: z.number(),
  midway: z.boolean().optional(),
});

type Emit = Emitters<typeof metrics>;

const latencySamples = ({ ledger, commits }: LogState, m: Emit): Sample[] => [
  ...[...ledger.accounts.values()].map(({ database, type, phase, histogram: found }) =>
    m.latency({ database, query_type: type, phase, source: 'log' }, histogramValue(found)),
  ),
  ...[...commits.accounts.values()].map(({ database, histogram: found }) =>
    m.commit({ database, source: 'log' }, histogramValue(found)),
  ),
];

const ownSamples = (state: LogState, m: Emit): Sample[] => {
  const { counts, reading, durations, unweighed, errors } = state;
  if (reading === null) return [];
  const failed = [...errors.values()];
  return [
    ...failed.map(({ database, sqlstate, count }) => m.errors({ database, sqlstate }, count)),
    m.lines({ kind: 'duration' }, durations - unweighed),
    m.lines({ kind: 'unweighed' }, unweighed),
    m.lines(
      { kind: 'error' },
      failed.reduce((sum, { count }) => sum + count, 0),
    ),
    m.lines({ kind: 'irrelevant' }, counts.irrelevant),
    m.lines({ kind: 'garbage' }, counts.garbage),
    m.bytes({}, counts.bytes),
    m.skipped({}, counts.skipped),
    m.behind({}, reading.behind),
  ];
};
