import { percentText, quantileName, short } from '../../report/words';
import { aligned } from '../../stack/table';
import { partWords } from '../measure/where-time-went';
import { timeText, viaWords } from '../words';
import type { LoadReport, PathReport } from './schema';
import { failureText, honestyText, machineText, softwareText, taskText } from './sentences';

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

const figures = (report: LoadReport): string[][] => {
  const { paths, promises } = report;
  const row = (name: string, promisedText: string, of: (path: PathReport) => string): string[] => [
    name,
    promisedText,
    ...paths.map(of),
  ];
  const quantiles = paths[0]?.latency.quantiles.map(({ quantile }) => quantile) ?? [];
  return [
    row('LATENCY', 'PROMISED', ({ via }) => viaWords[via].toUpperCase()),
    ...quantiles.map((quantile) => {
      const promise = promises.latency.find((one) => one.quantile === quantile)?.seconds;
      return row(quantileName(quantile), promise === undefined ? '' : timeText(promise), ({ latency }) => {
        const seconds = latency.quantiles.find((one) => one.quantile === quantile)?.seconds ?? null;
        return timeText(seconds) + (promise !== undefined && seconds !== null && seconds > promise ? MISSED : '');
      });
    }),
    row('max', '', ({ latency }) => timeText(latency.max)),
    row('mean', '', ({ latency }) => timeText(latency.mean)),
    ...(report.rate === null ? [] : [row('mean of it unsent', '', ({ lag }) => timeText(lag?.mean ?? null))]),
    row('transactions', '', ({ latency }) => short(latency.count)),
    row('a second', report.rate === null ? '' : short(report.rate), ({ throughput }) => short(throughput)),
    row(
      'failed',
      `≤ ${percentText(promises.errorRatio)}`,
      ({ errorRatio }) => percentText(errorRatio) + (errorRatio > promises.errorRatio ? MISSED : ''),
    ),
    ...(paths.every((path) => path.errorRatio === 0) ? [] : [row('', '', failureText)]),
    ...(paths.every(({ retries }) => retries === 0) ? [] : [row('tried again', '', ({ retries }) => short(retries))]),
    row('to connect all', '', ({ connectSeconds }) => timeText(connectSeconds)),
  ];
};

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
