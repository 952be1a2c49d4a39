import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { type Heat, quantileIn, totalCells } from '../../domain/heatmap';
import { quantileName } from '../../domain/latency';
import { count, seconds } from '../format';

type Props = {
  readonly heat: Heat;
  readonly width: number;
  readonly height: number;
  /** Lines to be drawn, as quantile and seconds. */
  readonly targets: readonly (readonly [number, number])[];
};

const LEFT = 64;
const BOTTOM = 22;
const TICKS = 6;

/** Where the time of statements falls, over time: a box is the darker, the more fell into it. What it shows is said in words too. */
export const LatencyHeatmap = ({ heat, width, height, targets }: Props) => {
  const styles = useStyles2(stylesOf);
  const theme = useTheme2();
  const { columns, bounds, most } = heat;
  const [low = 0.0001, high = 1] = [bounds.find((bound) => bound > 0), bounds.at(-1)];
  const floor = low / 2;
  const plotWidth = Math.max(1, width - LEFT);
  const plotHeight = Math.max(1, height - BOTTOM);
  const y = (value: number): number =>
    plotHeight * (1 - (Math.log(Math.max(value, floor)) - Math.log(floor)) / (Math.log(high) - Math.log(floor)));
  const step = plotWidth / Math.max(1, columns.length);
  const color = theme.visualization.getColorByName('blue');
  const every = Math.max(1, Math.ceil(columns.length / TICKS));
  return (
    <svg role="img" aria-label={summaryOf(heat)} width={width} height={height} className={styles.plot}>
      {columns.map(({ time, cells }, i) =>
        cells.map(({ from, to, count: n }) => {
          const top = y(Math.min(to, high));
          return (
            <rect
              key={`${time} ${to}`}
              {...{ x: LEFT + i * step, y: top, width: Math.max(1, step - 0.5), height: Math.max(1, y(from) - top) }}
              fill={color}
              // The rare is what matters: a root keeps it visible.
              fillOpacity={0.12 + 0.88 * Math.sqrt(n / most)}
            >
              <title>{`${dateTimeFormat(time)}: ${count(n)} ${t('latency.between', 'between {{from}} and {{to}}', { from: seconds(from), to: seconds(to) })}`}</title>
            </rect>
          );
        }),
      )}
      {targets
        .filter(([, value]) => value >= floor && value <= high)
        .map(([quantile, value]) => (
          <g key={quantile}>
            <line
              {...{ x1: LEFT, x2: width, y1: y(value), y2: y(value) }}
              stroke={theme.colors.warning.text}
              strokeDasharray="4 4"
            />
            <text x={width - 4} y={y(value) - 3} textAnchor="end" className={styles.target}>
              {quantileName(quantile)}
            </text>
          </g>
        ))}
      {ticksOf(floor, high).map((value) => (
        <text key={value} x={LEFT - 6} y={y(value) + 4} textAnchor="end" className={styles.tick}>
          {seconds(value)}
        </text>
      ))}
      {columns.map(({ time }, i) =>
        i % every === 0 ? (
          <text key={time} x={LEFT + i * step} y={height - 6} className={styles.tick}>
            {dateTimeFormat(time, { format: 'HH:mm' })}
          </text>
        ) : null,
      )}
    </svg>
  );
};

/** Powers of ten between two bounds. */
const ticksOf = (low: number, high: number): readonly number[] => {
  const [from, to] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => 10 ** (from + i));
};

export const summaryOf = (heat: Heat): string => {
  const cells = totalCells(heat);
  const [median, tail] = [quantileIn(cells, 0.5), quantileIn(cells, 0.99)];
  if (median === undefined || tail === undefined) return t('latency.heat-empty', 'No durations');
  return t(
    'latency.heat-summary',
    'Heat map of durations: half took at most {{median}}, all but one in a hundred at most {{tail}}',
    {
      ...{ median: seconds(median.to), tail: seconds(tail.to) },
    },
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  plot: css({ display: 'block' }),
  tick: css({ fill: theme.colors.text.secondary, fontSize: theme.typography.size.xs }),
  target: css({ fill: theme.colors.warning.text, fontSize: theme.typography.size.xs }),
});
