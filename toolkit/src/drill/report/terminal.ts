import type { DrillReport, DrillRun } from '@submilli/core';
import { aligned } from '../../stack/table';
import { kinds } from '../kinds';
import { conditions, secondsText, spreadText } from './words';

/** One line about a run that has just ended. */
export const runLine = ({ paths, rejoinSeconds }: DrillRun): string => {
  const lost = paths.reduce((total, outcome) => total + outcome.lost, 0);
  return [
    ...paths.flatMap(({ path, recoverySeconds }) =>
      path === 'old-primary' ? [] : [`${path} ${secondsText(recoverySeconds)} s`],
    ),
    ...(rejoinSeconds === null ? [] : [`whole again ${secondsText(rejoinSeconds)} s`]),
    lost === 0 ? 'nothing lost' : `${lost} ACKNOWLEDGED WRITES LOST`,
  ].join(', ');
};

/** The table of a report: one line per path, then errors, then the verdict. */
export const terminalReport = (report: DrillReport): string => {
  const { kind, runs, summary, verdict } = report;
  const rows = summary.paths.map(({ path, recovery, stall, errors, lost }) => [
    path,
    spreadText(recovery),
    spreadText(stall),
    errors.min === errors.max ? String(errors.max) : `${errors.median} (${errors.min}–${errors.max})`,
    String(lost),
  ]);
  const target = kinds[kind].target;
  return [
    `${kinds[kind].title}, ${runs.length} run${runs.length === 1 ? '' : 's'}: ${runs[0]?.fault.what ?? ''}`,
    conditions(report),
    '',
    aligned([['PATH', 'RECOVERY s', 'LONGEST STALL s', 'ERRORS', 'LOST'], ...rows]),
    '',
    ...(summary.rejoin === null ? [] : [`Whole again after ${spreadText(summary.rejoin)} s.`]),
    ...(target === null ? [] : [targetLine(report, target)]),
    ...errorLines(report),
    '',
    ...(verdict.passed
      ? [`PASSED: ${summary.acknowledged} writes acknowledged, none lost, none twice, one writer at any time.`]
      : ['FAILED', ...verdict.findings.map((finding) => `  ${finding}`)]),
  ].join('\n');
};

const targetLine = ({ summary }: DrillReport, target: number): string => {
  const pool = summary.paths.find(({ path }) => path === 'pool')?.recovery;
  if (pool === null || pool === undefined) return `Target through the pool: ${target} s.`;
  return `Target through the pool: median of ${target} s, ${pool.median <= target ? 'met' : 'missed'}.`;
};

const errorLines = ({ runs }: DrillReport): string[] => {
  const counts = new Map<string, { count: number; example: string }>();
  for (const { path, errors } of runs.flatMap(({ paths }) => paths)) {
    for (const { class: name, count, example } of errors) {
      const key = `${path}: ${name}`;
      counts.set(key, { count: (counts.get(key)?.count ?? 0) + count, example });
    }
  }
  const lines = [...counts].map(([key, { count, example }]) => `  ${count} × ${key} (${example.slice(0, 80)})`);
  return lines.length === 0 ? [] : ['Errors:', ...lines];
};
