import {
  counter,
  defineSampler,
  type Emitters,
  type Env,
  gauge,
  legacy,
  type PostgresFacts,
  type Sample,
  selfMetrics,
  type SqlSession,
} from '@submilli/core';
import { readStatements } from '../statements/read';
import { startState, type StatementsState, type StatementsWindow, takeReading, windowOf } from '../statements/state';

const statementLabels = ['database', 'queryid', 'query_type'] as const;
const more = 'the rest of a database and type is summed up under queryid="other".';

const metrics = {
  calls: counter('db_query_calls_total', 'Calls of statements since the exporter began to watch.', ['database']),
  perSecond: legacy(
    gauge('db_queries_per_second', 'Calls per second over window_seconds (promised name; see db_query_calls_total).', [
      'database',
    ]),
  ),
  statementCalls: counter('db_query_statement_calls_total', `Calls of one statement; ${more}`, statementLabels),
  statementSeconds: counter(
    'db_query_statement_seconds_total',
    `Executor time of one statement; ${more}`,
    statementLabels,
  ),
  rows: counter('db_query_statement_rows_total', `Rows retrieved or affected; ${more}`, statementLabels),
  hit: counter(
    'db_query_statement_shared_blocks_hit_total',
    `Blocks found in shared buffers; ${more}`,
    statementLabels,
  ),
  read: counter('db_query_statement_shared_blocks_read_total', `Blocks read from outside; ${more}`, statementLabels),
  dirtied: counter('db_query_statement_shared_blocks_dirtied_total', `Blocks dirtied; ${more}`, statementLabels),
  written: counter('db_query_statement_shared_blocks_written_total', `Blocks written; ${more}`, statementLabels),
  tempRead: counter('db_query_statement_temp_blocks_read_total', `Temporary blocks read; ${more}`, statementLabels),
  tempWritten: counter(
    'db_query_statement_temp_blocks_written_total',
    `Temporary blocks written; ${more}`,
    statementLabels,
  ),
  wal: counter('db_query_statement_wal_bytes_total', `WAL generated; ${more}`, statementLabels),
  tracked: gauge('db_query_statements', 'Entries that pg_stat_statements holds, those of our own role left out.'),
  trackedLimit: gauge(
    'db_query_statements_limit',
    'Entries that pg_stat_statements can hold (pg_stat_statements.max).',
  ),
  evictions: counter(
    'db_query_statements_evictions_total',
    'Times pg_stat_statements threw out its least used entries for want of room.',
  ),
  window: selfMetrics.window,
} as const;

/** `pg_stat_statements` at a steady beat, through the function that leaves the texts on disk. */
export const statements = defineSampler({
  name: 'statements',
  source: 'pg_stat_statements(false)',
  needs: { extension: 'pg_stat_statements', privilege: 'pg_monitor' },
  metrics,
  interval: (config) => config.sample_interval_seconds,
  start: (config) => startState(config.window_seconds, config.limits.statements),
  read: (session: SqlSession, env: Env<PostgresFacts>, deadline, state: StatementsState) =>
    readStatements(session, env, deadline, state),
  fold: (state: StatementsState, reading, at) => takeReading(state, reading, at),
  publish: (state, m) => {
    const window = windowOf(state);
    return [...databaseSamples(state, window, m), ...statementSamples(state, m), ...ownSamples(state, window, m)];
  },
});

type Emit = Emitters<typeof metrics>;

const ownSamples = (state: StatementsState, { seconds }: StatementsWindow, m: Emit): Sample[] => {
  if (state.last === null) return [];
  const { entries, info } = state.last;
  return [
    m.tracked({}, entries.size),
    m.trackedLimit({}, info.limit),
    m.evictions({}, info.evictions),
    m.window({ collector: 'statements' }, seconds === 0 ? null : seconds),
  ];
};

const statementSamples = (state: StatementsState, m: Emit): Sample[] =>
  [...state.totals.values()].flatMap(({ interval, type }) => {
    const labels = { database: interval.database, queryid: interval.queryid, query_type: type };
    const { counters } = interval;
    return [
      m.statementCalls(labels, interval.calls),
      m.statementSeconds(labels, interval.seconds),
      m.rows(labels, counters.rows),
      m.hit(labels, counters.hit),
      m.read(labels, counters.read),
      m.dirtied(labels, counters.dirtied),
      m.written(labels, counters.written),
      m.tempRead(labels, counters.tempRead),
      m.tempWritten(labels, counters.tempWritten),
      m.wal(labels, counters.wal),
    ];
  });

const databaseSamples = (state: StatementsState, { seconds, intervals }: StatementsWindow, m: Emit): Sample[] => {
  const all = [...intervals.values()];
  const callsIn = (database: string): number =>
    all.filter((interval) => interval.database === database).reduce((sum, interval) => sum + interval.calls, 0);
  return [
    ...[...state.calls].flatMap(([database, calls]) => [
      m.calls({ database }, calls),
      m.perSecond({ database }, seconds === 0 ? null : callsIn(database) / seconds),
    ]),
  ];
};
