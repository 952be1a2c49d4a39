import { percentText } from '../../report/words';
import { aligned } from '../../stack/table';
import { partWords } from '../measure/where-time-went';
import { timeText, viaWords } from '../words';
import { figureHead, figureRows } from './figures';
import type { LoadReport, PathReport } from './schema';
import { honestyText, machineText, softwareText, taskText } from './sentences';

/** Marks what misses its promise. */
const MISSED = ' !';

/** A report as a terminal shows it. */
export const terminalReport = (report: LoadReport): string => {
  const { paths, verdict } = report;
  return [
    taskText(report),
    machineText(report),
    softwareText(report),
    '',
    aligned(figures(report)),
    '',
    ...paths.flatMap(timeLines),
    ...honestyText(report, paths),
    ...verdict.notJudged.map((what) => `Not judged: ${what}.`),
    '',
    ...(verdict.kept ? ['KEPT: all that was promised.'] : ['MISSED', ...verdict.findings.map((line) => `  ${line}`)]),
  ].join('\n');
};

const figures = (report: LoadReport): string[][] => [
  figureHead(report).map((word) => word.toUpperCase()),
  ...figureRows(report).map(({ name, promised, of }) => [
    ...[name, promised],
    ...of.map(({ text, missed }) => `${text}${missed ? MISSED : ''}`),
  ]),
];

const timeLines = ({ via, latency, time }: PathReport): string[] => {
  const mean = latency.mean ?? 0;
  const rows = time.shares.map(({ part, seconds }) => [
    `  ${timeText(seconds)}`,
    mean === 0 ? '' : percentText(seconds / mean),
    partWords[part],
  ]);
  return [
    ...(rows.length === 0 ? [] : [`Where the mean transaction spent its time, ${viaWords[via]}:`, aligned(rows)]),
    ...time.absent.map((why) => `  ${viaWords[via]}: ${why}`),
    ...(rows.length === 0 && time.absent.length === 0 ? [] : ['']),
  ];
};
