import { percentText, quantileName, short } from '../../report/words';
import { timeText, viaWords } from '../words';
import type { LoadReport, PathReport } from './schema';
import { failureText } from './sentences';

/** A figure of one path; `missed` where something else was promised. */
export type Figure = { readonly text: string; readonly missed: boolean };

/** The same figure of each path, in their order. */
export type FigureRow = { readonly name: string; readonly promised: string; readonly of: readonly Figure[] };

export const figureHead = ({ paths }: LoadReport): string[] => [
  ...['latency', 'promised'],
  ...paths.map(({ via }) => viaWords[via]),
];

/** What a report says in figures: the same on a terminal, in its page and in the documentation. */
export const figureRows = ({ paths, promises, rate }: LoadReport): FigureRow[] => {
  const row = (
    name: string,
    promised: string,
    textOf: (path: PathReport) => string,
    isMissed: (path: PathReport) => boolean = () => false,
  ): FigureRow => ({ name, promised, of: paths.map((path) => ({ text: textOf(path), missed: isMissed(path) })) });
  const quantiles = paths[0]?.latency.quantiles.map(({ quantile }) => quantile) ?? [];
  return [
    ...quantiles.map((quantile) => {
      const promise = promises.latency.find((one) => one.quantile === quantile)?.seconds;
      const of = ({ latency }: PathReport) =>
        latency.quantiles.find((one) => one.quantile === quantile)?.seconds ?? null;
      return row(
        quantileName(quantile),
        promise === undefined ? '' : timeText(promise),
        (path) => timeText(of(path)),
        (path) => promise !== undefined && (of(path) ?? 0) > promise,
      );
    }),
    row('max', '', ({ latency }) => timeText(latency.max)),
    row('mean', '', ({ latency }) => timeText(latency.mean)),
    ...(rate === null ? [] : [row('mean of it unsent', '', ({ lag }) => timeText(lag?.mean ?? null))]),
    row('transactions', '', ({ latency }) => short(latency.count)),
    row('a second', rate === null ? '' : short(rate), ({ throughput }) => short(throughput)),
    row(
      'failed',
      `≤ ${percentText(promises.errorRatio)}`,
      (path) => (path.errorRatio === 0 ? 'none' : `${percentText(path.errorRatio)} (${failureText(path)})`),
      ({ errorRatio }) => errorRatio > promises.errorRatio,
    ),
    row('tried again', '', ({ retries }) => short(retries)),
    row('to connect all', '', ({ connectSeconds }) => timeText(connectSeconds)),
  ];
};
