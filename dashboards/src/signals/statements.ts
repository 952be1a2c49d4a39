import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { toStatement } from '../lib/links';
import { lines, NOT_MEASURED, stat } from '../lib/panels';
import { latencyTargetsTable } from '../lib/plugin-panels';
import { DATABASE, SERVER, share, sumRate } from '../lib/promql';
import { buckets, over, rows } from '../lib/targets';
import { neutral, none } from '../lib/thresholds';
import { type Column, table } from '../lib/tables';
import { type Unit, units } from '../lib/units';
import { EXECUTED } from './latency';

const STATEMENT = 'target, database, queryid, query_type';

export const promises: Panel = latencyTargetsTable({
  title: 'What was promised, and kept',
  description:
    'Each promised quantile of executor time against what was measured over the time shown. A bar beyond its mark is a broken promise; the tables below say whose statements broke it.',
  unit: units.seconds,
  targets: {
    buckets: buckets(
      `sum by (le) (increase(db_query_latency_seconds_bucket{${DATABASE},${EXECUTED}}[$__rate_interval]))`,
    ),
  },
});

export const regressed: Panel = stat({
  title: 'Statements slower than usual',
  description:
    'Statements that take twice their usual time or more at this hour of the week. A changed plan, more rows or a cold cache: the statement’s page says which.',
  unit: units.count,
  targets: { value: over(`sum(db_query_statements_regressed{${DATABASE}})`) },
  thresholds: none('orange'),
});

export const errorRate: Panel = stat({
  title: 'Errors per second',
  description:
    'Errors in the server’s log. A statement that fails has no latency: errors that rise can make latency look better.',
  unit: units.perSecond,
  targets: { value: over(sumRate('', `db_query_errors_total{${DATABASE}}`)) },
  noValue: 'no error seen',
});

export const planChanges: Panel = lines({
  title: 'Changed plans',
  description:
    'Times per second that the generic plan of a statement had another shape than before. A statement that got slower at the same moment has its reason here.',
  unit: units.perSecond,
  targets: { changes: over(sumRate('database', `db_query_plan_changes_total{${DATABASE}}`), '{{database}}') },
  noValue: 'no plan has changed',
});

export const planFindings: Panel = lines({
  title: 'Plans that look unwise',
  description:
    'Statements whose latest generic plan shows something unwise, by what. The page Queries shows each plan with the finding marked.',
  unit: units.count,
  targets: {
    findings: over(`max by (database, kind) (db_query_plan_findings{${DATABASE}}) > 0`, '{{database}} {{kind}}'),
  },
  noValue: 'no finding',
});

export const indexAdvice: Panel = stat({
  title: 'Indexes wanted',
  description:
    'Indexes that the statements would gain from, by the planner’s own estimate. Each with its gain and cost is on the page Advice.',
  unit: units.count,
  targets: { value: over(`max(db_query_index_advice{${DATABASE}})`) },
  thresholds: none('blue'),
});

const per = (metric: string, by = STATEMENT): string =>
  `sum by (${by}) (rate(${metric}{${DATABASE}}[$__rate_interval]))`;

const STATEMENTS = 'db_query_statement';
const seconds = per(`${STATEMENTS}_seconds_total`);
const calls = per(`${STATEMENTS}_calls_total`);
/** Of the statements that take most time: rows of other queries must be of the same ones. */
const TOP = `topk(20, ${seconds})`;
const ofTop = (expr: string): string => `${expr} and on (${STATEMENT}) ${TOP}`;

const statementColumns: readonly Column[] = [
  { label: 'queryid', name: 'Statement', link: toStatement, width: 200 },
  { label: 'query_type', name: 'Kind', width: 110 },
  { label: 'database', name: 'Database' },
  { label: 'target', name: 'Server', width: 110 },
];

export const topStatements: Panel = table({
  title: 'Statements that take most time',
  description:
    'Statements by the time they take now, per second: 1 is one processor’s worth. Start at the top; a click on the number opens its text, plan and history. “other” is the rest.',
  unit: units.count,
  thresholds: neutral,
  targets: {
    seconds: rows(TOP),
    calls: rows(ofTop(calls)),
    mean: rows(ofTop(share(seconds, calls))),
    read: rows(ofTop(per(`${STATEMENTS}_shared_blocks_read_total`))),
    temp: rows(ofTop(per(`${STATEMENTS}_temp_blocks_written_total`))),
    wal: rows(ofTop(per(`${STATEMENTS}_wal_bytes_total`))),
    usual: rows(`max by (${STATEMENT}) (db_query_statement_baseline_ratio{${DATABASE}}) and on (${STATEMENT}) ${TOP}`),
  },
  sortBy: { column: 'Time per second', desc: true },
  columns: [
    ...statementColumns,
    { query: 'seconds', name: 'Time per second', unit: units.seconds },
    { query: 'calls', name: 'Calls per second', unit: units.perSecond },
    { query: 'mean', name: 'Mean, executor', unit: units.seconds },
    { query: 'read', name: 'Blocks read', unit: units.blocksPerSecond },
    { query: 'temp', name: 'Blocks spilled', unit: units.blocksPerSecond },
    { query: 'wal', name: 'WAL', unit: units.bytesPerSecond },
    { query: 'usual', name: 'To its usual time', unit: units.ratio, decimals: 0, noValue: 'not known yet' },
  ],
});

const topOf = (title: string, description: string, unit: Unit, metric: string): Panel =>
  lines(
    {
      ...{ title, description, unit },
      targets: {
        top: over(`topk(8, ${per(metric, 'database, queryid, query_type')})`, '{{query_type}} {{queryid}}'),
      },
    },
    { stack: true },
  );

export const timeByStatement = topOf(
  'Executor time by statement',
  'Seconds per second of the eight statements that take most. A band that widens is the statement that pushes the others aside.',
  units.seconds,
  `${STATEMENTS}_seconds_total`,
);

export const callsByStatement = topOf(
  'Calls by statement',
  'The eight statements called most often. One that is called many times per transaction may want to be one that takes many rows.',
  units.perSecond,
  `${STATEMENTS}_calls_total`,
);

export const readsByStatement = topOf(
  'Blocks read by statement',
  'Blocks per second that shared buffers did not have, by statement. The widest band is whose index is missing, or what should not run now.',
  units.blocksPerSecond,
  `${STATEMENTS}_shared_blocks_read_total`,
);

export const spillsByStatement = topOf(
  'Blocks spilled by statement',
  'Temporary blocks per second that sorts and hashes write. More work_mem for that role, or an index that gives the order, removes them.',
  units.blocksPerSecond,
  `${STATEMENTS}_temp_blocks_written_total`,
);

export const walByStatement = topOf(
  'WAL by statement',
  'Bytes of WAL per second that each statement generates. What makes most WAL makes standbys lag and checkpoints come early.',
  units.bytesPerSecond,
  `${STATEMENTS}_wal_bytes_total`,
);

export const jit: Panel = lines({
  title: 'Time in just-in-time compilation',
  description:
    'Seconds per second of compiling, PostgreSQL 15 and newer. For statements below a millisecond it is only cost: raise jit_above_cost or switch jit off.',
  unit: units.seconds,
  targets: { jit: over(sumRate('database', `${STATEMENTS}_jit_seconds_total{${DATABASE}}`), '{{database}}') },
});

export const ioShare: Panel = lines({
  title: 'Share of executor time spent reading',
  description:
    'How much of the executor’s time went into reading blocks; needs track_io_timing. High: the disk or the cache is the reason; low: processor or locks.',
  unit: units.ratio,
  min: 0,
  targets: {
    share: over(
      share(
        sumRate('target, database', `${STATEMENTS}_block_read_seconds_total{${DATABASE}}`),
        sumRate('target, database', `${STATEMENTS}_seconds_total{${DATABASE}}`),
      ),
      '{{target}} {{database}}',
    ),
  },
});

export const canary: Panel = lines(
  {
    title: 'Our own small transaction, P99',
    description:
      'What a small transaction takes as a client sees it, network and commit included, by path and operation. It runs also while nobody else does: a rise is the server’s, not the load’s.',
    unit: units.seconds,
    targets: {
      p99: over(
        `histogram_quantile(0.99, ${sumRate('path, operation, le', `db_canary_duration_seconds_bucket{${SERVER}}`)})`,
        '{{path}} {{operation}}',
      ),
    },
    noValue: `${NOT_MEASURED}: the canary is off`,
  },
  { log: true },
);

export const bySource: Panel = lines(
  {
    title: 'P99 by source of the quantile',
    description:
      'The tail as each source gives it: log is counted, estimate is calculated from means and deviations and stands in where no log is read. Trust the estimate less.',
    unit: units.seconds,
    targets: {
      p99: over(
        `max by (query_type, source) (db_query_duration_seconds{${DATABASE},quantile="0.99"})`,
        '{{query_type}} {{source}}',
      ),
    },
  },
  { log: true },
);

export const logThreshold: Panel = stat(
  {
    title: 'All statements logged from',
    description:
      'log_min_duration_statement: from here every duration is counted. Above the promised P99, the tail is only sampled.',
    unit: units.seconds,
    targets: { value: over(`max(db_query_log_threshold_seconds{${SERVER}})`) },
    noValue: 'off',
  },
  { spark: false },
);

export const logSample: Panel = stat(
  {
    title: 'Share of the others logged',
    description:
      'log_statement_sample_rate of the statements below that threshold. Too small a share makes low quantiles coarse.',
    unit: units.ratio,
    decimals: 2,
    targets: { value: over(`min(db_query_log_sample_ratio{${SERVER}})`) },
    noValue: 'none',
  },
  { spark: false },
);

export const logBehind: Panel = stat({
  title: 'Log not read yet',
  description:
    'Bytes of the server’s log that wait to be read. A backlog of more than 64 MiB is given up, and its durations with it.',
  unit: units.bytes,
  targets: { value: over(`max(db_query_log_behind_bytes{${SERVER}})`) },
});

export const entries: Panel = stat({
  title: 'Room in pg_stat_statements',
  description:
    'Entries held against pg_stat_statements.max. When full, the least used are thrown out and their calls are lost.',
  unit: units.ratio,
  decimals: 0,
  targets: { value: over(`max(db_query_statements{${SERVER}} / (db_query_statements_limit{${SERVER}} > 0))`) },
});

export const evictions: Panel = stat({
  title: 'Evictions per second',
  description:
    'Times per second that pg_stat_statements threw out entries for want of room. Raise pg_stat_statements.max.',
  unit: units.perSecond,
  targets: { value: over(sumRate('', `db_query_statements_evictions_total{${SERVER}}`)) },
});

export const tailComplete: Panel = stat(
  {
    title: 'Tail counted, not sampled',
    description:
      'Share of kinds of statements whose durations from the 99th percentile up are all logged. Less than all: lower log_min_duration_statement.',
    unit: units.ratio,
    decimals: 0,
    targets: { value: over(`avg(db_query_duration_tail_complete{${DATABASE}})`) },
  },
  { spark: false },
);
