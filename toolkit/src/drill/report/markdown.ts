import { drillKinds, type DrillReport, SubmilliError } from '@submilli/core';
import { markdownRows } from '../../page/markdown-table';
import { kinds } from '../kinds';
import { conditions, spreadText } from './words';

const BEGIN = '<!-- drills: begin -->';
const END = '<!-- drills: end -->';

/** Of each kind under the same conditions the last report, in the order of the kinds. */
export const lastOfEach = (reports: readonly DrillReport[]): DrillReport[] => {
  const last = new Map<string, DrillReport>();
  for (const report of reports.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))) {
    last.set(`${report.kind} ${conditions(report)}`, report);
  }
  return drillKinds.flatMap((kind) => [...last.values()].filter((report) => report.kind === kind));
};

/** A report without what only its picture needs: small enough to be kept beside a table. */
export const figuresOf = (report: DrillReport): DrillReport => ({
  ...report,
  runs: report.runs.map((run) => ({ ...run, timeline: { ...run.timeline, paths: [], members: [], events: [] } })),
});

/** One line per kind: what clients saw, what was lost, and how that compares with the target. */
export const markdownTable = (reports: readonly DrillReport[]): string => {
  const own = lastOfEach(reports);
  const groups = [...new Set(own.map(conditions))];
  return groups
    .map((group) =>
      [
        `${group}; ${clientWords(own[0])}. Seconds: median (least–most).`,
        '',
        ...markdownRows([HEAD, ...own.filter((report) => conditions(report) === group).map(row)]),
      ].join('\n'),
    )
    .join('\n\n');
};

const clientWords = (report: DrillReport | undefined): string =>
  report === undefined ? '' : `a write every ${Math.round(report.client.everySeconds * 1000)} ms on each path`;

const HEAD: readonly string[] = [
  ...['fault', 'runs', 'through the pool', 'target', 'directly, multi-host'],
  ...['longest stall in the pool', 'errors in the pool', 'whole again', 'lost'],
];

const row = ({ kind, runs, summary }: DrillReport): string[] => {
  const pool = summary.paths.find(({ path }) => path === 'pool');
  const direct = summary.paths.find(({ path }) => path === 'multi-host');
  const { target, title } = kinds[kind];
  const errors = pool?.errors;
  return [
    title,
    String(runs.length),
    spreadText(pool?.recovery ?? null),
    target === null ? '' : `≤ ${target}`,
    spreadText(direct?.recovery ?? null),
    spreadText(pool?.stall ?? null),
    errors === undefined
      ? ''
      : errors.min === errors.max
        ? String(errors.max)
        : `${errors.median} (${errors.min}–${errors.max})`,
    spreadText(summary.rejoin),
    summary.lost === 0 ? '0' : `**${summary.lost}**`,
  ];
};

/** The text of a file with what stands between the markers replaced. Throws a `SubmilliError` for a file without them. */
export const replaceTable = (text: string, table: string, where: string): string => {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new SubmilliError({
      what: `has no lines "${BEGIN}" and "${END}"`,
      where,
      hint: 'The table goes between them.',
    });
  }
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`;
};
