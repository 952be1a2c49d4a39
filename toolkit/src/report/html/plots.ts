import { alertThresholds, latencyTargets } from '@submilli/catalogue';
import { plot, type PlotEvent } from '../../page/plot';
import type { CapacityItem, LatencyOfDatabase, Report, ScoreOfDatabase } from '../model';
import { bytesText, latencyText, percentText, placeText, quantileName, short } from '../words';

const moment = (at: string): number => Date.parse(at) / 1000;

/** Incidents as bands and failovers as lines, of one cluster: what happened while the lines moved. */
const eventsOf = ({ incidents, failovers, period }: Report, cluster: string): readonly PlotEvent[] => [
  ...(incidents?.incidents ?? [])
    .filter((one) => one.cluster === cluster)
    .map(({ from, to, severity, alerts }) => ({
      ...{
        from: moment(from),
        to: moment(to ?? period.to),
        ink: severity === 'critical' ? ('bad' as const) : ('amber' as const),
      },
      title: `${alerts
        .map(({ name }) => name)
        .join(', ')
        .slice(0, 200)}, from ${from.slice(0, 16)}Z`,
    })),
  ...failovers
    .filter((one) => one.cluster === cluster)
    .flatMap((one) =>
      one.failovers.map(({ at }) => ({
        from: moment(at),
        ink: 'violet' as const,
        title: `failover at ${at.slice(0, 19)}Z`,
      })),
    ),
];

const frame = (report: Report, step: number) => ({
  from: moment(report.period.from),
  to: moment(report.period.to),
  step,
});

export const scorePlot = (report: Report, score: ScoreOfDatabase, step: number): string =>
  plot({
    ...frame(report, step),
    label: `Score of ${placeText(score)}: median ${short(score.median)}, lowest ${short(score.lowest.value)}`,
    ...{ scale: 'linear', range: [0, 100], format: short },
    lines: [{ name: 'score', ink: 'calm', points: score.points }],
    levels: [{ value: alertThresholds.healthScore, ink: 'bad', name: `alerts at ${alertThresholds.healthScore}` }],
    events: eventsOf(report, score.cluster),
  });

const inks = ['calm', 'amber', 'bad'] as const;

export const latencyPlot = (report: Report, latency: LatencyOfDatabase, step: number): string =>
  plot({
    ...frame(report, step),
    label: `Latency of ${placeText(latency)}: ${latency.distribution.quantiles.map(({ quantile, seconds }) => `${quantileName(quantile)} ${latencyText(seconds)}`).join(', ')}`,
    ...{ scale: 'log', format: latencyText },
    lines: latency.lines.map(({ quantile, points }, i) => ({
      name: quantileName(quantile),
      ink: inks[i] ?? 'soft',
      points,
    })),
    levels: latencyTargets
      .filter(({ quantile }) => latency.lines.some((line) => line.quantile === quantile))
      .map(({ quantile, seconds }) => ({
        ...{ value: seconds, name: '' },
        ink: inks[latency.lines.findIndex((line) => line.quantile === quantile)] ?? 'soft',
      })),
    events: eventsOf(report, latency.cluster),
  });

const DAY = 86_400;

export const capacityPlot = ({ points, limit, unit, what, where, sentence }: CapacityItem): string => {
  const last = points.at(-1)?.[1] ?? 0;
  // A limit far above would make a flat line of the rest.
  const near = limit !== null && limit < 3 * last;
  return plot({
    ...{ from: (points[0]?.[0] ?? 0) - DAY, to: points.at(-1)?.[0] ?? DAY, step: DAY },
    label: `${what} of ${where}: ${sentence}`,
    ...{ scale: 'linear', format: unit === 'bytes' ? bytesText : percentText },
    unit: unit === 'bytes' ? 1024 ** Math.floor(Math.log2(Math.max(1, last)) / 10) : 1,
    lines: [{ name: 'daily', ink: 'calm', points }],
    levels: near ? [{ value: limit, ink: 'bad', name: 'full' }] : [],
  });
};
