import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { regressions } from '../derived/regressions';
import type { History } from '../regressions/state';
import { ENOUGH_CALLS, type Verdict } from '../regressions/verdict';
import { statements } from '../samplers/statements';
import { type StatementsState, windowOf } from '../statements/state';
import { bytes, MOST_FINDINGS, subjectOf, whichStatement } from './statements';

const FACTOR = 3;
const LEAST_BYTES_PER_SECOND = 100 * 1024;
/** Of the WAL, above which full page images are what it is made of. */
const MOSTLY = 0.5;

/** WAL03: a statement that writes more WAL than it usually does. */
export const walSurge = defineRule<PostgresFacts, { regressions: typeof regressions; statements: typeof statements }>({
  name: 'wal-surge',
  title: 'A statement writes more WAL than it usually does',
  signal: 'WAL bytes per call of the last 10 to 15 minutes against the median of its past hours',
  threshold: `${FACTOR} times, with ${ENOUGH_CALLS} calls and 100 kB per second`,
  inputs: { regressions, statements },
  check: ({ regressions: { histories, verdicts }, statements: state }, { config }) => {
    if (verdicts.size === 0) {
      return { notEvaluated: 'no statement was watched long enough (six hours with 20 calls) to know what is usual' };
    }
    return [...histories]
      .flatMap(([key, history]) => {
        const verdict = verdicts.get(key);
        return verdict !== undefined && isSurge(verdict) ? [{ key, history, verdict }] : [];
      })
      .sort((a, b) => b.verdict.now.wal * b.verdict.now.rate - a.verdict.now.wal * a.verdict.now.rate)
      .slice(0, MOST_FINDINGS)
      .map(({ key, history, verdict }) =>
        findingOf(history, verdict, imagesShare(state, key), whichStatement(state, history, config)),
      );
  },
});

const isSurge = ({ calls, now, usual }: Verdict): boolean =>
  calls >= ENOUGH_CALLS &&
  usual.wal > 0 &&
  now.wal >= FACTOR * usual.wal &&
  now.wal * now.rate >= LEAST_BYTES_PER_SECOND;

/** Share of full page images in its WAL in the window, at most: with a hole or compressed they are smaller. */
const imagesShare = (state: StatementsState, key: string): number | null => {
  const counters = windowOf(state).intervals.get(key)?.counters;
  if (counters === undefined || counters.wal === 0 || state.last === null) return null;
  return Math.min(1, (counters.walImages * state.last.info.blockSize) / counters.wal);
};

const findingOf = (
  history: History,
  { now, usual, calls }: Verdict,
  images: number | null,
  which: Finding['evidence'],
): Finding => {
  const byImages = images !== null && images >= MOSTLY;
  const ratio = now.wal / usual.wal;
  return {
    subject: subjectOf(history),
    severity: 'info',
    title: `Statement ${history.queryid} writes ${ratio.toFixed(1)} times its usual WAL per call`,
    why: byImages
      ? 'Most of it are full page images: after each checkpoint the first change of a page writes all of it. Checkpoints come too close, or the changes are spread over more pages.'
      : 'It changes more rows per call, wider ones, or an index more: an update that no longer fits its page (HOT) writes to every index.',
    evidence: [
      ...which,
      { label: 'WAL per call now', value: Math.round(now.wal), unit: 'bytes' },
      { label: 'usual WAL per call', value: Math.round(usual.wal), unit: 'bytes' },
      { label: 'usual by', value: `${usual.basis} (${usual.hours} hours)`, unit: '' },
      {
        label: 'rows per call now; usually',
        value: `${now.rows.toPrecision(3)}; ${usual.rows.toPrecision(3)}`,
        unit: 'rows',
      },
      { label: 'calls judged by', value: calls, unit: '' },
      ...(images === null
        ? []
        : [{ label: 'full page images in it, at most', value: Math.round(100 * images), unit: '%' }]),
    ],
    action: byImages
      ? {
          kind: 'sql',
          text: 'ALTER SYSTEM SET wal_compression = on;\nSELECT pg_reload_conf();\n-- and checkpoints further apart: max_wal_size, checkpoint_timeout (db_checkpoints_total tells how often they come)',
          ...{ reversible: true, lock: null, needsRestart: false },
        }
      : {
          kind: 'sql',
          text: '-- Compare n_tup_hot_upd with n_tup_upd of its table (db_table_hot_updates_total), and look for an index that came lately.\n-- A fillfactor of 80 to 90 leaves room for updates in the page.',
          ...{ reversible: true, lock: null, needsRestart: false },
        },
    impact: {
      what: 'WAL per second of the statement',
      before: bytes(now.wal * now.rate),
      after: `about ${bytes(usual.wal * now.rate)}`,
      confidence: 'medium',
      measured: 'pg_stat_statements.wal_bytes, this statement against its own past hours',
    },
  };
};
