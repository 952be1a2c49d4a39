import type { GrafanaTheme2, TimeZone } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { useMemo, useState } from 'react';
import {
  type Heatmap,
  histogramOfAll,
  largestCount,
  quantileOver,
  shadeOf,
  trimmed,
} from '../../domain/latency/heatmap';
import { quantileOf } from '../../domain/latency/histogram';
import { quantileName, type Target } from '../../domain/latency/targets';
import { Plot } from '../charts/Plot';
import { Readout } from '../charts/Readout';
import { linePath, logarithmic, logTicks, nearest, type Scale } from '../charts/scale';
import { NOTHING, count, seconds } from '../format';
import { colorOf } from './colors';

export type LatencyHeatmapProps = {
  readonly heatmap: Heatmap;
  readonly targets: readonly Target[];
  /** Quantiles drawn as lines over the cells. */
  readonly lines?: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly height: number;
  readonly timeZone?: TimeZone;
};

const SHADES = 8;
/** Narrower, and words would hide what they are about. */
const WORDY = 300;
const NO_LINES: readonly number[] = [];

/** Edges that can be drawn on a logarithmic scale: the first row begins at 0, the last may never end. */
const edgesOf = (low: number, high: number): readonly [number, number] => [
  low > 0 ? low : high / 2,
  Number.isFinite(high) ? high : low * 2,
];

const rangeOf = ({ rows }: Heatmap): readonly [number, number] => {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return [0.0001, 1];
  return [edgesOf(first.low, first.high)[0], edgesOf(last.low, last.high)[1]];
};

/** One path for all cells of a shade: some thousands of cells are eight elements. */
export const pathsOf = (heatmap: Heatmap, x: Scale, y: Scale): readonly string[] => {
  const { times, rows } = heatmap;
  const largest = largestCount(heatmap);
  const step = times.slice(1).reduce((least, time, i) => Math.min(least, time - (times[i] ?? time)), Infinity);
  const width = Number.isFinite(step) ? Math.max(1, x.to(step) - x.to(0)) : 12;
  const paths = Array.from({ length: SHADES + 1 }, () => '');
  for (const { low, high, counts } of rows) {
    const [bottom, top] = edgesOf(low, high).map(y.to) as [number, number];
    counts.forEach((one, i) => {
      const shade = shadeOf(one, largest, SHADES);
      const left = x.to(times[i] ?? 0) - width;
      if (shade > 0)
        paths[shade] +=
          `M${left.toFixed(1)} ${bottom.toFixed(1)}h${width.toFixed(1)}V${top.toFixed(1)}h-${width.toFixed(1)}z`;
    });
  }
  return paths;
};

/** How many statements took how long, over time: the darker, the more. */
export const LatencyHeatmap = ({ heatmap: all, targets, lines = NO_LINES, ...rest }: LatencyHeatmapProps) => {
  const styles = useStyles2(stylesOf);
  const theme = useTheme2();
  const [cursor, setCursor] = useState<number>();
  const heatmap = useMemo(() => trimmed(all), [all]);
  const [low, high] = useMemo(() => rangeOf(heatmap), [heatmap]);
  const quantiles = useMemo(
    () => lines.map((quantile) => ({ quantile, over: quantileOver(heatmap, quantile) })),
    [lines, heatmap],
  );
  // Targets of what is drawn alone: five lines that nobody can tell apart help nobody.
  const drawn = lines.length === 0 ? targets : targets.filter(({ quantile }) => lines.includes(quantile));
  const at = cursor === undefined ? -1 : nearest(heatmap.times, cursor);
  return (
    <div className={styles.box}>
      <Plot
        {...rest}
        label={sentenceOf(all)}
        right={lines.length > 0 ? 52 : 12}
        y={(range) => logarithmic([low, high], range)}
        ticks={(most) => logTicks(low, high, most)}
        formatY={seconds}
        onCursor={setCursor}
        cursor={at === -1 ? undefined : heatmap.times[at]}
      >
        {(x, y, box) => (
          <>
            <Cells {...{ heatmap, x, y }} />
            {drawn.map(({ quantile, seconds: target }) =>
              target < low || target > high ? null : (
                <g key={quantile} data-testid={`target-${quantileName(quantile)}`}>
                  <line
                    {...{ x1: box.left, x2: box.right, y1: y.to(target), y2: y.to(target), strokeDasharray: '6 4' }}
                    stroke={colorOf(quantile, theme)}
                  />
                  {box.right - box.left < WORDY ? null : (
                    <text x={box.left + 4} y={y.to(target) - 4} className={styles.end} fill={colorOf(quantile, theme)}>
                      {t('latency.target-of', 'target {{quantile}} {{target}}', {
                        ...{ quantile: quantileName(quantile), target: seconds(target) },
                      })}
                    </text>
                  )}
                </g>
              ),
            )}
            {quantiles.map(({ quantile, over }) => (
              <path
                key={quantile}
                data-testid={`quantile-${quantileName(quantile)}`}
                d={linePath(heatmap.times.map((time, i) => ({ x: x.to(time), y: heightOf(over[i]?.seconds, y) })))}
                {...{ fill: 'none', stroke: colorOf(quantile, theme), strokeWidth: 1.6 }}
              />
            ))}
            {quantiles.map(({ quantile, over }) => {
              const end = over.findLast((one) => one !== null)?.seconds;
              return end === undefined || end === 0 ? null : (
                <text
                  key={quantile}
                  {...{ x: box.right + 5, y: y.to(end), dominantBaseline: 'middle', className: styles.end }}
                  fill={colorOf(quantile, theme)}
                >
                  {quantileName(quantile)}
                </text>
              );
            })}
          </>
        )}
      </Plot>
      {at === -1 ? null : (
        <Readout time={heatmap.times[at] ?? 0} timeZone={rest.timeZone}>
          <Values heatmap={heatmap} at={at} />
        </Readout>
      )}
    </div>
  );
};

const heightOf = (value: number | undefined, y: Scale): number | null =>
  value === undefined || !(value > 0) ? null : y.to(value);

const Cells = ({ heatmap, x, y }: { readonly heatmap: Heatmap; readonly x: Scale; readonly y: Scale }) => {
  const theme = useTheme2();
  const paths = useMemo(() => pathsOf(heatmap, x, y), [heatmap, x, y]);
  const fill = theme.visualization.getColorByName(theme.isDark ? 'blue' : 'dark-blue');
  return (
    <g data-testid="cells">
      {paths.map((d, shade) =>
        d === '' ? null : <path key={shade} d={d} fill={fill} fillOpacity={0.1 + (0.85 * shade) / SHADES} />,
      )}
    </g>
  );
};

/** What the whole of it says, in a sentence. */
const sentenceOf = (heatmap: Heatmap): string => {
  const histogram = histogramOfAll(heatmap);
  const [p50, p99] = [quantileOf(histogram, 0.5), quantileOf(histogram, 0.99)];
  if (p50 === null || p99 === null) return t('latency.heatmap-empty', 'Latency over time: nothing was observed');
  return t('latency.heatmap-label', 'Latency over time: half within {{p50}}, 99 % within {{p99}}', {
    ...{ p50: seconds(p50.seconds), p99: seconds(p99.seconds) },
  });
};

const READ = [0.5, 0.99];

const Values = ({ heatmap, at }: { readonly heatmap: Heatmap; readonly at: number }) => {
  const observed = heatmap.rows.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0);
  return (
    <>
      <span>{t('latency.observations', '{{observed}} observed', { observed: count(observed) })}</span>
      {READ.map((quantile) => {
        const value = quantileOver(heatmap, quantile)[at];
        return (
          <span key={quantile}>
            {quantileName(quantile)} {value === null || value === undefined ? NOTHING : seconds(value.seconds)}
          </span>
        );
      })}
    </>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  box: css({ position: 'relative' }),
  end: css({ fontSize: theme.typography.bodySmall.fontSize, fontWeight: theme.typography.fontWeightMedium }),
});
