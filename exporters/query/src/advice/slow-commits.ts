import { defineRule, type Env, type Finding, type PostgresFacts } from '@submilli/core';
import { latency } from '../derived/latency';
import { running } from '../samplers/running';

/** Of the time budget of a statement that is still fine: a commit should not take all of it. */
const SHARE_OF_BUDGET = 0.1;

/** Commits that take long, from the log's COMMIT lines, with what committing sessions wait for. */
export const slowCommits = defineRule({
  name: 'slow-commits',
  title: 'Commits wait for the disk or for a standby',
  signal: 'P99 of COMMIT in the log; sampled waits for WALWrite, WALSync and SyncRep',
  threshold: `P99 of COMMIT is ${SHARE_OF_BUDGET * 100} % of thresholds.query_time_warning_ms or more`,
  inputs: { latency, running },
  check: ({ latency: found, running: seen }, { config, facts }: Env<PostgresFacts>) => {
    if (facts.role === 'standby') return [];
    if (found.commits.length === 0) return { notEvaluated: 'no COMMIT in the log’s window' };
    const least = (config.thresholds.query_time_warning_ms / 1000) * SHARE_OF_BUDGET;
    return found.commits.flatMap(({ database, logged }) => {
      const p99 = logged.quantiles.find(({ quantile }) => quantile === 0.99)?.seconds;
      if (p99 === undefined || p99 < least) return [];
      const waits = [...seen.commitWaits.values()].filter((wait) => wait.database === database);
      return [findingOf(database, p99, waits)];
    });
  },
});

type Wait = { readonly waitEvent: string; readonly seconds: number };

const findingOf = (database: string, p99: number, waits: readonly Wait[]): Finding => {
  const milliseconds = Number((p99 * 1000).toPrecision(3));
  const whole = waits.reduce((sum, { seconds }) => sum + seconds, 0);
  const share = (event: string): number =>
    whole === 0 ? 0 : (waits.find(({ waitEvent }) => waitEvent === event)?.seconds ?? 0) / whole;
  const isStandby = share('SyncRep') > 0.5;
  return {
    subject: `commits of ${database}`,
    severity: 'warning',
    title: `One COMMIT in a hundred in ${database} takes ${milliseconds} ms or more`,
    why: 'No statement’s time has it in it: a write looks fast, and its client waits all the same.',
    evidence: [
      { label: 'P99 of COMMIT', value: milliseconds, unit: 'ms' },
      ...['SyncRep', 'WALSync', 'WALWrite'].map((event) => ({
        label: `waits of committing sessions: ${event}`,
        value: Math.round(share(event) * 100),
        unit: '%',
      })),
    ],
    action: {
      kind: 'command',
      text: isStandby
        ? 'committing sessions wait for the synchronous standby: look at its lag by phase (db_replication_write_lag_seconds, _flush_, _replay_), its disk and the network; synchronous_commit = remote_write waits for less, and loses what the standby’s own crash loses'
        : 'committing sessions wait for the WAL: put pg_wal on a device of its own with a short flush; see db_wal_fsync_seconds_total, and whether checkpoints fall together with it',
      reversible: true,
      lock: null,
      needsRestart: false,
    },
    impact: {
      what: `P99 of COMMIT in ${database}`,
      before: `${milliseconds} ms`,
      after: null,
      confidence: whole === 0 ? 'medium' : 'high',
      measured: 'COMMIT lines of the server’s log; waits sampled from pg_stat_activity',
    },
  };
};
