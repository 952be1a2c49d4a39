import type { GrafanaTheme2, TimeZone } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { useMemo, useState } from 'react';
import { quantileName, targetOf, type Target } from '../../domain/latency/targets';
import { type Box, Plot } from '../charts/Plot';
import { Readout } from '../charts/Readout';
import { linePath, logarithmic, logTicks, nearest, type Scale, spread } from '../charts/scale';
import { NOTHING, seconds } from '../format';
import { colorOf } from './colors';

/** One quantile over time; null where nothing is known. */
export type QuantileSeries = { readonly quantile: number; readonly values: readonly (number | null)[] };

export type QuantileChartProps = {
  readonly times: readonly number[];
  readonly series: readonly QuantileSeries[];
  readonly targets: readonly Target[];
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly height: number;
  readonly timeZone?: TimeZone;
};

/** From a little below the least to a little above the most: of values and of the targets they have. */
export const rangeOf = (series: readonly QuantileSeries[], targets: readonly Target[]): readonly [number, number] => {
  const values = series.flatMap((one) => one.values).filter((value) => value !== null && value > 0) as number[];
  const limits = series.flatMap(({ quantile }) => targetOf(targets, quantile) ?? []);
  const all = [...values, ...limits];
  if (all.length === 0) return [0.0001, 1];
  const [low, high] = [Math.min(...all) / 1.3, Math.max(...all) * 1.3];
  return high / low < 4 ? [low / 2, high * 2] : [low, high];
};

/** Quantiles over time on a logarithmic scale, each with its target as a dashed line. */
export const QuantileChart = ({ times, series, targets, ...rest }: QuantileChartProps) => {
  const styles = useStyles2(stylesOf);
  const [cursor, setCursor] = useState<number>();
  const [low, high] = useMemo(() => rangeOf(series, targets), [series, targets]);
  const at = cursor === undefined ? -1 : nearest(times, cursor);
  return (
    <div className={styles.box}>
      <Plot
        {...rest}
        right={52}
        label={sentenceOf(series, targets)}
        y={(range) => logarithmic([low, high], range)}
        ticks={(most) => logTicks(low, high, most)}
        formatY={seconds}
        onCursor={setCursor}
        cursor={at === -1 ? undefined : times[at]}
      >
        {(x, y, box) => <Lines {...{ times, series, targets, x, y, box }} />}
      </Plot>
      {at === -1 ? null : (
        <Readout time={times[at] ?? 0} timeZone={rest.timeZone}>
          <Values {...{ series, targets, at }} />
        </Readout>
      )}
    </div>
  );
};

const sentenceOf = (series: readonly QuantileSeries[], targets: readonly Target[]): string => {
  const parts = series.map(({ quantile, values }) => {
    const last = values.findLast((value) => value !== null);
    const target = targetOf(targets, quantile);
    const value = last === undefined || last === null ? t('latency.no-value', 'no value') : seconds(last);
    return target === undefined
      ? `${quantileName(quantile)} ${value}`
      : t('latency.chart-part', '{{quantile}} {{value}}, target {{target}}', {
          ...{ quantile: quantileName(quantile), value, target: seconds(target) },
        });
  });
  return t('latency.chart-label', 'Quantiles of latency over time; at the end: {{parts}}', { parts: parts.join('; ') });
};

type LinesProps = Pick<QuantileChartProps, 'times' | 'series' | 'targets'> & {
  readonly x: Scale;
  readonly y: Scale;
  readonly box: Box;
};

const Lines = ({ times, series, targets, x, y, box }: LinesProps) => {
  const theme = useTheme2();
  const styles = useStyles2(stylesOf);
  const ends = series.map(({ values }) => y.to(values.findLast((value) => value !== null && value > 0) ?? NaN));
  const labels = spread(ends, 13);
  return (
    <>
      {series.map(({ quantile, values }, i) => {
        const target = targetOf(targets, quantile);
        const color = colorOf(quantile, theme);
        const points = times.map((time, at) => ({ x: x.to(time), y: heightOf(values[at], y) }));
        return (
          <g key={quantile} data-testid={`quantile-${quantileName(quantile)}`}>
            {target === undefined ? null : (
              <line
                {...{ x1: box.left, x2: box.right, y1: y.to(target), y2: y.to(target), stroke: color }}
                {...{ strokeDasharray: '6 4', strokeWidth: 1, opacity: 0.8 }}
                data-testid={`target-${quantileName(quantile)}`}
              />
            )}
            <path d={linePath(points)} fill="none" stroke={color} strokeWidth={1.6} strokeLinejoin="round" />
            {Number.isNaN(labels[i] ?? NaN) ? null : (
              <text className={styles.end} x={box.right + 5} y={labels[i]} dominantBaseline="middle" fill={color}>
                {quantileName(quantile)}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
};

const heightOf = (value: number | null | undefined, y: Scale): number | null =>
  value === null || value === undefined || !(value > 0) ? null : y.to(value);

type ValuesProps = Pick<QuantileChartProps, 'series' | 'targets'> & { readonly at: number };

const Values = ({ series, targets, at }: ValuesProps) => {
  const theme = useTheme2();
  return (
    <>
      {series.map(({ quantile, values }) => {
        const [value, target] = [values[at], targetOf(targets, quantile)];
        return (
          <span key={quantile}>
            <span style={{ color: colorOf(quantile, theme) }}>{quantileName(quantile)}</span>{' '}
            {value === null || value === undefined ? NOTHING : seconds(value)}
            {target === undefined ? null : ` / ${seconds(target)}`}
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
