import type { GrafanaTheme2, TimeZone } from '@grafana/data';
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { type PointerEvent, type ReactNode, useMemo } from 'react';
import { formatTick } from './format';
import { linear, type Scale, timeTicks } from './scale';

export type Box = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };

export type PlotProps = {
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
  readonly timeZone?: TimeZone;
  /** What it shows, in a sentence, for who does not see it. */
  readonly label: string;
  /** The vertical scale, for the pixels it is to fill (bottom, top). */
  readonly y: (range: readonly [number, number]) => Scale;
  readonly ticks: (most: number) => readonly number[];
  readonly formatY: (value: number) => string;
  /** Room for labels on the right. */
  readonly right?: number;
  /** The time under the pointer; undefined when it leaves. */
  readonly onCursor?: (time: number | undefined) => void;
  readonly cursor?: number | undefined;
  readonly children: (x: Scale, y: Scale, box: Box) => ReactNode;
};

const LEFT = 58;
const BOTTOM = 22;

/** Time to the right, values up, and marks on both; what is drawn between is its children's. */
export const Plot = ({ width, height, right = 12, from, to, timeZone, label, y: yOf, ticks, ...rest }: PlotProps) => {
  const styles = useStyles2(stylesOf);
  const { formatY, onCursor, cursor, children } = rest;
  const box: Box = useMemo(
    () => ({ left: LEFT, right: Math.max(LEFT + 1, width - right), top: 8, bottom: Math.max(9, height - BOTTOM) }),
    [width, height, right],
  );
  const x = useMemo(() => linear([from, to], [box.left, box.right]), [from, to, box]);
  const y = useMemo(() => yOf([box.bottom, box.top]), [yOf, box]);
  const times = timeTicks(from, to, Math.floor((box.right - box.left) / 80));
  const move = (event: PointerEvent<SVGSVGElement>): void => {
    const at = x.from(event.clientX - event.currentTarget.getBoundingClientRect().left);
    onCursor?.(at >= from && at <= to ? at : undefined);
  };
  return (
    <svg
      {...{ width, height, role: 'img', 'aria-label': label, className: styles.plot }}
      onPointerMove={move}
      onPointerLeave={() => onCursor?.(undefined)}
    >
      {ticks(Math.max(2, Math.floor((box.bottom - box.top) / 28))).map((tick) => (
        <g key={tick}>
          <line className={styles.grid} x1={box.left} x2={box.right} y1={y.to(tick)} y2={y.to(tick)} />
          <text className={styles.text} x={box.left - 6} y={y.to(tick)} textAnchor="end" dominantBaseline="middle">
            {formatY(tick)}
          </text>
        </g>
      ))}
      {times.at.map((time) => (
        <text key={time} className={styles.text} x={x.to(time)} y={height - 6} textAnchor="middle">
          {formatTick(time, times.step, timeZone)}
        </text>
      ))}
      {children(x, y, box)}
      {cursor === undefined ? null : (
        <line className={styles.cursor} x1={x.to(cursor)} x2={x.to(cursor)} y1={box.top} y2={box.bottom} />
      )}
    </svg>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  plot: css({ display: 'block', overflow: 'visible', touchAction: 'pan-y' }),
  grid: css({ stroke: theme.colors.border.weak, strokeWidth: 1 }),
  text: css({ fill: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  cursor: css({ stroke: theme.colors.text.secondary, strokeDasharray: '3 3', pointerEvents: 'none' }),
});
