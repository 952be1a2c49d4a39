import { defineRule, type Finding, type PostgresFacts } from '@submilli/core';
import { statements } from '../samplers/statements';
import type { Interval } from '../statements/interval';
import { type StatementsState, textOf, typeOf, windowOf } from '../statements/state';
import { oneLine, sql } from './plans';
import { MOST_FINDINGS, ms, subjectOf, whichStatement } from './statements';

/** Rows of the parent per call; with fewer there is little to gain. */
const LEAST_ROWS = 10;
const LEAST_CALLS = 1000;
/** A statement that looks up one thing. */
const FEW_ROWS = 2;
/** It takes so many slices of the window in which both ran, and all of them must agree. */
const LEAST_SLICES = 6;
const OFF_OVERALL = 0.03;
const OFF_IN_A_SLICE = 0.1;
/** A load that never changes agrees with anything that never changes. */
const LEAST_VARIATION = 0.05;

/** QRY04: called once for each row that another statement returns. */
export const nPlusOne = defineRule<PostgresFacts, { statements: typeof statements }>({
  name: 'n-plus-one',
  title: 'A statement is called once for each row of another one',
  signal:
    'calls of one SELECT against the rows of another in the same database, over the window and in each part of it',
  threshold: `within ${OFF_OVERALL * 100} % over the window and ${OFF_IN_A_SLICE * 100} % in each of ${LEAST_SLICES} or more parts that differ among themselves; ${LEAST_ROWS} rows per call, ${LEAST_CALLS} calls`,
  inputs: { statements },
  check: ({ statements: state }, { config }) => {
    const { intervals } = windowOf(state);
    const selects = [...intervals].filter(([, one]) => typeOf(state.types, one.queryid) === 'select');
    if (state.window.slices.length < LEAST_SLICES) {
      return { notEvaluated: `fewer than ${LEAST_SLICES} parts of the window have been watched` };
    }
    const parents = selects.filter(([, one]) => one.counters.rows >= LEAST_ROWS * one.calls);
    const children = selects.filter(([, one]) => isLookup(state, one));
    return children
      .flatMap(([childKey, child]) => {
        const matching = parents.filter(
          ([key, parent]) =>
            key !== childKey && parent.database === child.database && agree(state, { key, parent, childKey, child }),
        );
        // If several fit, nobody can tell which it is.
        const [only, ...others] = matching.map(([, parent]) => parent);
        return only === undefined || others.length > 0 ? [] : [{ child, parent: only }];
      })
      .sort((a, b) => b.child.seconds - a.child.seconds)
      .slice(0, MOST_FINDINGS)
      .map(({ child, parent }) => findingOf(child, parent, whichStatement(state, child, config)));
  },
});

/** With a parameter to look something up by, as far as its text is known. */
const isLookup = (state: StatementsState, { queryid, calls, counters }: Interval): boolean =>
  calls >= LEAST_CALLS && counters.rows <= FEW_ROWS * calls && textOf(state, queryid)?.includes('$1') !== false;

type Pair = { readonly key: string; readonly parent: Interval; readonly childKey: string; readonly child: Interval };

const agree = ({ window }: StatementsState, { key, parent, childKey, child }: Pair): boolean => {
  if (off(child.calls, parent.counters.rows) > OFF_OVERALL) return false;
  const both = window.slices.flatMap(({ intervals }) => {
    const [rows, calls] = [intervals.get(key)?.counters.rows ?? 0, intervals.get(childKey)?.calls ?? 0];
    return rows === 0 && calls === 0 ? [] : [{ rows, calls }];
  });
  return (
    both.length >= LEAST_SLICES &&
    both.every(({ rows, calls }) => off(calls, rows) <= OFF_IN_A_SLICE) &&
    variationOf(both.map(({ calls }) => calls)) >= LEAST_VARIATION
  );
};

const off = (a: number, b: number): number => (b === 0 ? Infinity : Math.abs(a - b) / b);

/** Standard deviation over mean. */
const variationOf = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(variance) / mean;
};

const findingOf = (child: Interval, parent: Interval, which: Finding['evidence']): Finding => {
  const rows = parent.counters.rows / parent.calls;
  return {
    subject: subjectOf(child),
    severity: 'info',
    title: `Statement ${child.queryid} is called once for each of the ${Math.round(rows)} rows that ${parent.queryid} returns`,
    why: 'Each call goes to the server and back by itself: with 0.2 ms on the way a hundred of them take 20 ms, however fast each is. One statement can look all of them up.',
    evidence: [
      ...which,
      { label: 'calls in the window', value: child.calls, unit: '' },
      { label: 'the other statement', value: parent.queryid, unit: '' },
      { label: 'its calls', value: parent.calls, unit: '' },
      { label: 'its rows', value: parent.counters.rows, unit: 'rows' },
      { label: 'mean time of a call', value: ms(child.seconds / child.calls), unit: '' },
    ],
    action: sql(
      `-- in the application, for database ${oneLine(child.database)}: one call in place of ${Math.round(rows)}\n-- SELECT … WHERE key = ANY ($1), with the keys of all rows as one array; or a JOIN in ${parent.queryid}`,
    ),
    impact: {
      what: 'calls for one of the other statement',
      before: String(Math.round(rows) + 1),
      after: '1 or 2',
      confidence: 'medium',
      measured: 'calls of one against rows of the other in every part of the window; a coincidence can’t be ruled out',
    },
  };
};
