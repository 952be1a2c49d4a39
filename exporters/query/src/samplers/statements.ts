import {
  type Config,
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
import { jitSeconds } from '../statements/entry';
import { readStatements } from '../statements/read';
import { type Reading, startState, type StatementsState, takeReading } from '../statements/state';
import { textReasons } from '../statements/texts';
import { secondsOf } from '../statements/window';

const more = 'the rest of a database and type is summed up under queryid="other".';
const ofStatement = (name: string, help: string) =>
  counter(`db_query_statement_${name}_total`, `${help}; ${more}`, ['database', 'queryid', 'query_type']);

const metrics = {
  calls: counter('db_query_calls_total', 'Calls of statements since the exporter began to watch.', ['database']),
  perSecond: legacy(
    gauge('db_queries_per_second', 'Calls per second over window_seconds (promised name; see db_query_calls_total).', [
      'database',
    ]),
  ),
  statementCalls: ofStatement('calls', 'Calls of one statement'),
  statementSeconds: ofStatement('seconds', 'Executor time of one statement'),
  planSeconds: ofStatement('plan_seconds', 'Planning time, if pg_stat_statements.track_planning is on'),
  rows: ofStatement('rows', 'Rows retrieved or affected'),
  hit: ofStatement('shared_blocks_hit', 'Blocks found in shared buffers'),
  read: ofStatement('shared_blocks_read', 'Blocks read from outside'),
  dirtied: ofStatement('shared_blocks_dirtied', 'Blocks dirtied'),
  written: ofStatement('shared_blocks_written', 'Blocks written'),
  readSeconds: ofStatement('block_read_seconds', 'Time of reading table and index blocks, if track_io_timing is on'),
  writeSeconds: ofStatement('block_write_seconds', 'Time of writing table and index blocks, if track_io_timing is on'),
  localRead: ofStatement('local_blocks_read', 'Blocks of temporary tables read'),
  localWritten: ofStatement('local_blocks_written', 'Blocks of temporary tables written'),
  tempRead: ofStatement('temp_blocks_read', 'Temporary blocks read'),
  tempWritten: ofStatement('temp_blocks_written', 'Temporary blocks written'),
  wal: ofStatement('wal_bytes', 'WAL generated'),
  walRecords: ofStatement('wal_records', 'WAL records generated'),
  walImages: ofStatement('wal_full_page_images', 'Full page images in the WAL generated'),
  jitSeconds: ofStatement('jit_seconds', 'Time of just-in-time compilation (PostgreSQL 15 and newer)'),
  tracked: gauge('db_query_statements', 'Entries that pg_stat_statements holds, those of our own role left out.'),
  trackedLimit: gauge(
    'db_query_statements_limit',
    'Entries that pg_stat_statements can hold (pg_stat_statements.max).',
  ),
  evictions: counter(
    'db_query_statements_evictions_total',
    'Times pg_stat_statements threw out its least used entries for want of room.',
  ),
  texts: gauge(
    'db_query_statement_texts',
    'Statements whose text was looked at, by what came of it: kept (normalised, without literals), or why not.',
    ['outcome'],
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
  start: (config) => startState(config.window_seconds, shownLimit(config)),
  read: (session: SqlSession, env: Env<PostgresFacts>, deadline, state: StatementsState) =>
    readStatements(session, env, deadline, state),
  fold: (state: StatementsState, reading: Reading, at) => takeReading(state, reading, at),
  publish: (state, m) => [...databaseSamples(state, m), ...statementSamples(state, m), ...ownSamples(state, m)],
});

/** Leaves room in the family for hysteresis and for the `other` rows: without those the sums would be wrong. */
const shownLimit = ({ limits }: Config): number =>
  Math.min(limits.statements, Math.floor(limits.series_per_family / 2));

type Emit = Emitters<typeof metrics>;

const ownSamples = (state: StatementsState, m: Emit): Sample[] => {
  if (state.last === null) return [];
  const { entries, info } = state.last;
  const seconds = secondsOf(state.window.slices);
  const looks = [...state.texts.looks.values()];
  return [
    m.tracked({}, entries.size),
    m.trackedLimit({}, info.limit),
    m.evictions({}, info.evictions),
    m.texts({ outcome: 'kept' }, looks.filter(({ reason }) => reason === null).length),
    ...textReasons.map((outcome) => m.texts({ outcome }, looks.filter(({ reason }) => reason === outcome).length)),
    m.window({ collector: 'statements' }, seconds === 0 ? null : seconds),
  ];
};

const statementSamples = ({ totals, rest, last }: StatementsState, m: Emit): Sample[] =>
  [...rest.values(), ...totals.values()].flatMap(({ interval, type }) => {
    const { database, queryid, calls, seconds, counters } = interval;
    const labels = { database, queryid, query_type: type };
    const ioTimed = last?.info.ioTimed === true;
    return [
      m.statementCalls(labels, calls),
      m.statementSeconds(labels, seconds),
      m.planSeconds(labels, last?.info.planningTimed === true ? counters.planSeconds : null),
      m.rows(labels, counters.rows),
      m.hit(labels, counters.hit),
      m.read(labels, counters.read),
      m.dirtied(labels, counters.dirtied),
      m.written(labels, counters.written),
      m.readSeconds(labels, ioTimed ? counters.readSeconds : null),
      m.writeSeconds(labels, ioTimed ? counters.writeSeconds : null),
      m.localRead(labels, counters.localRead),
      m.localWritten(labels, counters.localWritten),
      m.tempRead(labels, counters.tempRead),
      m.tempWritten(labels, counters.tempWritten),
      m.wal(labels, counters.wal),
      m.walRecords(labels, counters.walRecords),
      m.walImages(labels, counters.walImages),
      m.jitSeconds(labels, jitSeconds(counters)),
    ];
  });

const databaseSamples = ({ calls, window: { slices } }: StatementsState, m: Emit): Sample[] => {
  const seconds = secondsOf(slices);
  const recently = new Map<string, number>();
  for (const { intervals } of slices) {
    for (const { database, calls: n } of intervals.values()) recently.set(database, (recently.get(database) ?? 0) + n);
  }
  return [...calls].flatMap(([database, total]) => [
    m.calls({ database }, total),
    m.perSecond({ database }, seconds === 0 ? null : (recently.get(database) ?? 0) / seconds),
  ]);
};
