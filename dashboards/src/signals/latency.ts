import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { latencySlo, type LatencyTarget, latencyTargets } from '@submilli/catalogue';
import { lines, NOT_MEASURED, type Override, byName, property, stat } from '../lib/panels';
import { latencyHeatmap } from '../lib/plugin-panels';
import { constant, quantile, rate, share, sumRate } from '../lib/promql';
import { buckets, over, type Targets } from '../lib/targets';
import { notAbove, notBelow } from '../lib/thresholds';
import { units } from '../lib/units';

/** What a statement takes as a whole: the executor's part of the extended protocol, or all of the simple one. */
export const EXECUTED = 'phase=~"simple|execute"';
const LATENCY = 'db_query_latency_seconds';
const COMMIT = 'db_commit_duration_seconds';

const nameOf = ({ quantile: q }: LatencyTarget): string => `P${Number((q * 100).toPrecision(6))}`;
export const refOf = (target: LatencyTarget): string => nameOf(target).replace('.', '_');

/** The quantile of each promise in the colour of its line. */
const palette = ['blue', 'green', 'yellow', 'orange', 'red'];

export const promised = (q: number): number => {
  const found = latencyTargets.find(({ quantile: other }) => other === q);
  if (found === undefined) throw new Error(`nothing was promised for the quantile ${q}`);
  return found.seconds;
};

const promiseLook: readonly Override[] = latencyTargets.flatMap((target, i) => {
  const color = property('color', { mode: 'fixed', fixedColor: palette[i] ?? 'text' });
  return [
    byName(nameOf(target), color, property('custom.lineWidth', 2)),
    byName(
      `${nameOf(target)} promised`,
      color,
      property('custom.lineStyle', { fill: 'dash', dash: [6, 6] }),
      // In the legend once: the colour says whose promise it is.
      property('custom.hideFrom', { legend: true, tooltip: false, viz: false }),
    ),
  ];
});

export const quantileStat = (q: number, of: string): Panel =>
  stat({
    title: `Statements P${q * 100}`,
    description: `Executor time that ${q * 100} % of statements stay within, from the server’s log. Red is beyond what was promised; the distribution below says whether all statements or a few are slow. It holds no commit.`,
    unit: units.seconds,
    targets: { value: over(quantile(q, LATENCY, `${of},${EXECUTED}`)) },
    thresholds: notAbove(promised(q)),
    noValue: `${NOT_MEASURED}: no log is read`,
  });

export const quantilesAgainstPromise = (of: string): Panel =>
  lines(
    {
      title: 'Executor time, and what was promised (dashed)',
      description:
        'Quantiles of statements’ executor time (solid) and what was promised for each (dashed, same colour). A solid line above its dashed one breaks the promise: look which kind of statement it is, then at its plan.',
      unit: units.seconds,
      targets: Object.fromEntries(
        latencyTargets.flatMap((target) => [
          [refOf(target), over(quantile(target.quantile, LATENCY, `${of},${EXECUTED}`), nameOf(target))],
          [`${refOf(target)}_promised`, over(constant(target.seconds), `${nameOf(target)} promised`)],
        ]),
      ) satisfies Targets,
      overrides: promiseLook,
    },
    { log: true },
  );

export const distribution = (of: string): Panel =>
  latencyHeatmap({
    title: 'Where executor time lies',
    description:
      'How many statements took how long, with the measured P50 and P99 and what was promised for each (dashed). Two bands are two kinds of work, a cloud above the band is the tail: open Queries for which statements it is.',
    unit: units.seconds,
    targets: { buckets: buckets(`sum by (le) (increase(${LATENCY}_bucket{${of},${EXECUTED}}[$__rate_interval]))`) },
  });

export const kept = (of: string): Panel =>
  stat({
    title: `Within ${latencySlo.withinSeconds * 1000} ms`,
    description: `Share of statements whose executor time is within ${latencySlo.withinSeconds * 1000} ms; ${latencySlo.objective * 100} % were promised. Below that the month’s error budget burns: the burn-rate alerts say how fast.`,
    unit: units.ratio,
    targets: {
      value: over(
        share(
          `sum(${rate(`${LATENCY}_bucket{${of},${EXECUTED},le="${latencySlo.withinSeconds}"}`)})`,
          `sum(${rate(`${LATENCY}_count{${of},${EXECUTED}}`)})`,
        ),
      ),
    },
    thresholds: notBelow(latencySlo.objective),
    decimals: 2,
    noValue: `${NOT_MEASURED}: no log is read`,
  });

export const statementRate = (of: string): Panel =>
  stat({
    title: 'Statements per second',
    description:
      'Calls of statements by pg_stat_statements. A sudden fall is as bad as a rise: nothing may be getting through.',
    unit: units.perSecond,
    targets: { value: over(sumRate('', `db_query_calls_total{${of}}`)) },
  });

export const byKind = (of: string): Panel =>
  lines(
    {
      title: 'Executor time by kind of statement, P99',
      description:
        'The tail of each kind. Where one kind alone is slow, its statements are in the table of statements; where all are, the server is (processors, disk, locks).',
      unit: units.seconds,
      targets: { p99: over(quantile(0.99, LATENCY, `${of},${EXECUTED}`, 'query_type'), '{{query_type}}') },
      thresholds: notAbove(promised(0.99)),
    },
    { log: true },
  );

export const writeLatency = (of: string): Panel =>
  lines(
    {
      title: 'Write latency: executor only, not durable yet',
      description:
        'Executor time of INSERT, UPDATE and DELETE. It ends before the WAL is flushed: a write is durable only after the commit beside this. High here: locks, triggers, indexes, full pages.',
      unit: units.seconds,
      targets: Object.fromEntries(
        [0.5, 0.99].map((q) => [
          `P${q * 100}`,
          over(quantile(q, LATENCY, `${of},${EXECUTED},query_type=~"insert|update|delete|merge"`), `P${q * 100}`),
        ]),
      ),
    },
    { log: true },
  );

export const commitTime = (of: string): Panel =>
  lines(
    {
      title: 'Commit time: until durable',
      description:
        'How long COMMIT takes: WAL flush and, with synchronous replication, the standby’s answer. By the server’s log, and by our own small transaction as a client sees it. High: look at commit waits and WAL flushes.',
      unit: units.seconds,
      targets: Object.fromEntries(
        [0.5, 0.99].map((q) => [`P${q * 100}`, over(quantile(q, COMMIT, of, 'source'), `P${q * 100} {{source}}`)]),
      ),
    },
    { log: true },
  );

export const commitStat = (of: string): Panel =>
  stat({
    title: 'Commit P99',
    description:
      'Time until 99 % of commits are durable, by the server’s log. This, with the executor’s time, is what a writing client waits for; no promise was made for it.',
    unit: units.seconds,
    targets: { value: over(quantile(0.99, COMMIT, `${of},source="log"`)) },
    noValue: `${NOT_MEASURED}: no COMMIT in a log`,
  });

export const commitWaits = (of: string): Panel =>
  lines(
    {
      title: 'What commits wait for',
      description:
        'Sessions that wait on average for WAL to be written (WALWrite), flushed (WALSync), and for synchronous standbys (SyncRep). SyncRep on top: the standby or the network; WALSync: the disk of pg_wal.',
      unit: units.count,
      targets: {
        waits: over(sumRate('wait_event', `db_commit_wait_seconds_total{${of}}`), '{{wait_event}}'),
      },
    },
    { stack: true },
  );
