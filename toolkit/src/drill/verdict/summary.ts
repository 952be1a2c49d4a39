import type { DrillPath, DrillReport, DrillRun } from '@submilli/core';
import { medianOf } from '../../statistics/quantiles';

type Summary = DrillReport['summary'];
export type Spread = NonNullable<Summary['rejoin']>;

/** Null without a value: a run in which it did not happen is not a run in which it took no time. */
export const spreadOf = (values: readonly (number | null)[]): Spread | null => {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return { min: Math.min(...known), median: medianOf(known), max: Math.max(...known), runs: known.length };
};

export const summaryOf = (runs: readonly DrillRun[]): Summary => {
  const names = [...new Set(runs.flatMap(({ paths }) => paths.map(({ path }) => path)))];
  const sum = (of: (run: DrillRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const overPaths = (of: (outcome: DrillRun['paths'][number]) => number): number =>
    sum(({ paths }) => paths.reduce((total, outcome) => total + of(outcome), 0));
  return {
    paths: names.map((path) => pathSummary(path, runs)),
    rejoin: spreadOf(runs.map(({ rejoinSeconds }) => rejoinSeconds)),
    acknowledged: overPaths(({ acknowledged }) => acknowledged),
    lost: overPaths(({ lost }) => lost),
    duplicates: overPaths(({ duplicates }) => duplicates),
    splitBrains: sum(({ splitBrain }) => splitBrain.length),
  };
};

const pathSummary = (path: DrillPath, runs: readonly DrillRun[]): Summary['paths'][number] => {
  const outcomes = runs.flatMap(({ paths }) => paths.filter((outcome) => outcome.path === path));
  const errors = outcomes.map(({ failed }) => failed);
  return {
    path,
    recovery: spreadOf(outcomes.map(({ recoverySeconds }) => recoverySeconds)),
    stall: spreadOf(outcomes.map(({ longestStallSeconds }) => longestStallSeconds)),
    errors: { min: Math.min(...errors), median: medianOf(errors), max: Math.max(...errors) },
    lost: outcomes.reduce((total, { lost }) => total + lost, 0),
  };
};
