import { type Config, type Finding, quoteIdentifier } from '@submilli/core';
import type { Interval } from '../statements/interval';
import { roleOf, type StatementsState, textOf, typeOf } from '../statements/state';

/** Nobody works through more of one kind at a time. */
export const MOST_FINDINGS = 10;

export type Of = { readonly database: string; readonly queryid: string };

export const subjectOf = ({ database, queryid }: Of): string => `${database}: ${queryid}`;

/** Which statement it is; its normalised text only where that may be shown. */
export const whichStatement = (
  state: StatementsState,
  { database, queryid }: Of,
  { query_text }: Config,
): Finding['evidence'] => {
  const text = query_text === 'normalised' ? textOf(state, queryid) : undefined;
  return [
    { label: 'database', value: database, unit: '' },
    { label: 'queryid', value: queryid, unit: '' },
    ...(text === undefined ? [] : [{ label: 'statement', value: text.slice(0, 1000), unit: '' }]),
  ];
};

/** The worst ones as findings. */
export const worstFirst = (
  intervals: Iterable<Interval>,
  weightOf: (interval: Interval) => number,
  findingOf: (interval: Interval) => Finding,
): readonly Finding[] =>
  [...intervals]
    .filter((interval) => weightOf(interval) > 0)
    .sort((a, b) => weightOf(b) - weightOf(a))
    .slice(0, MOST_FINDINGS)
    .map(findingOf);

export const ms = (seconds: number): string => `${(seconds * 1000).toPrecision(3)} ms`;

/** Statements that the planner plans; a utility statement has other settings. */
const PLANNED = new Set(['select', 'insert', 'update', 'delete', 'merge']);
export const isPlanned = (state: StatementsState, { queryid }: Of): boolean =>
  PLANNED.has(typeOf(state.types, queryid));

/** Changes a setting for the role that spends the most time on a statement, or says how, if it is nobody's any more. */
export const alterRole = (
  state: StatementsState,
  of: Of,
  setting: string,
  more: readonly string[] = [],
): Finding['action'] => {
  const role = roleOf(state, of);
  const name = role === undefined ? 'the_role' : quoteIdentifier(role);
  return {
    kind: 'sql',
    text: [
      `ALTER ROLE ${name} IN DATABASE ${quoteIdentifier(of.database)} SET ${setting}; -- for sessions that begin from now on`,
      ...more,
    ].join('\n'),
    ...{ reversible: true, lock: null, needsRestart: false },
  };
};

export const bytes = (value: number): string =>
  value >= 1024 ** 3
    ? `${(value / 1024 ** 3).toFixed(1)} GB`
    : value >= 1024 ** 2
      ? `${(value / 1024 ** 2).toFixed(1)} MB`
      : `${Math.ceil(value / 1024)} kB`;
