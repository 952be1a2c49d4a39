import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { statements } from '../samplers/statements';
import type { Interval } from '../statements/interval';
import { type StatementsState, windowOf } from '../statements/state';
import { alterRole, bytes, isPlanned, subjectOf, whichStatement, worstFirst } from './statements';

const MB = 1024 ** 2;
const MOST_WORK_MEM = 256 * MB;
/** In memory a sort takes more than its compact form on disk. */
const IN_MEMORY = 2;

/** QRY05: which statement it is whose sorts and hashes go to disk. */
export const statementSpills = defineRule<PostgresFacts, { statements: typeof statements }>({
  name: 'statement-spills',
  title: 'A statement sorts or hashes on disk',
  signal: 'pg_stat_statements.temp_blks_written in the window, of statements that are planned',
  threshold: 'any',
  inputs: { statements },
  check: ({ statements: state }, { config }) => {
    if (state.last === null) return { notEvaluated: 'pg_stat_statements has not been read twice yet' };
    const { blockSize, workMem } = state.last.info;
    return worstFirst(
      [...windowOf(state).intervals.values()].filter((interval) => isPlanned(state, interval)),
      ({ counters }) => counters.tempWritten,
      (interval) => findingOf(state, interval, { blockSize, workMem, which: whichStatement(state, interval, config) }),
    );
  },
});

type About = { readonly blockSize: number; readonly workMem: number; readonly which: Finding['evidence'] };

const findingOf = (state: StatementsState, interval: Interval, { blockSize, workMem, which }: About): Finding => {
  const perCall = (interval.counters.tempWritten * blockSize) / interval.calls;
  const fits = perCall * IN_MEMORY <= MOST_WORK_MEM;
  const wanted = Math.ceil(Math.max(2 * workMem, perCall * IN_MEMORY) / MB);
  const { queryid } = interval;
  return {
    subject: subjectOf(interval),
    severity: 'warning',
    title: `Statement ${queryid} writes ${bytes(perCall)} of temporary files per call`,
    why: 'What does not fit work_mem goes to disk and comes back: milliseconds where there were microseconds, more when others do the same.',
    evidence: [
      ...which,
      { label: 'calls in the window', value: interval.calls, unit: '' },
      { label: 'written per call', value: Math.round(perCall), unit: 'bytes' },
      { label: 'work_mem of the server', value: workMem, unit: 'bytes' },
    ],
    action: fits
      ? alterRole(state, interval, `work_mem = '${wanted}MB'`, [
          '-- Each sort and hash of each session may take as much. First see whether an index in the order of its ORDER BY spares the sort.',
        ])
      : {
          kind: 'sql',
          text: `BEGIN;\nSET LOCAL work_mem = '${MOST_WORK_MEM / MB}MB'; -- for this statement alone: it would take ${bytes(perCall * IN_MEMORY)} to stay in memory\n-- the statement\nCOMMIT;`,
          ...{ reversible: true, lock: null, needsRestart: false },
        },
    impact: {
      what: 'temporary files per call',
      before: bytes(perCall),
      after: fits ? 'none' : 'fewer passes',
      confidence: 'medium',
      measured: `temp_blks_written per call × ${IN_MEMORY}; one sort or hash is assumed to be all of it`,
    },
  };
};
