import type { Config, Finding } from '@submilli/core';
import type { Interval } from '../statements/interval';
import { textOf, type StatementsState } from '../statements/state';

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
