import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { useState } from 'react';
import type { Moment } from '../../domain/score/events';
import type { Incident, Timeline } from '../../domain/score/incidents';
import { gradeOf } from '../../domain/score/score';
import { type Box, Plot } from '../charts/Plot';
import { Readout } from '../charts/Readout';
import { linear, linePath, nearest, type Scale } from '../charts/scale';
import { points } from '../format';
import { gradeColor, gradeWord } from './grade';

export type ScoreChartProps = {
  readonly score: Timeline;
  /** The time before, moved to lie over this one. */
  readonly before: Timeline;
  readonly incidents: readonly Incident[];
  readonly moments: readonly Moment[];
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly height: number;
};

const TICKS = [0, 40, 70, 90, 100];

/** A score over time, the time before as a thin line, incidents as bands, failovers and restarts as marks. */
export const ScoreChart = ({ score, before, incidents, moments, ...rest }: ScoreChartProps) => {
  const styles = useStyles2(stylesOf);
  const [cursor, setCursor] = useState<number>();
  const at = cursor === undefined ? -1 : nearest(score.times, cursor);
  const earlier = at === -1 ? undefined : before.values[nearest(before.times, score.times[at] ?? 0)];
  const value = score.values[at];
  return (
    <div className={styles.box}>
      <Plot
        {...rest}
        label={labelOf(score, incidents)}
        y={(range) => linear([0, 100], range)}
        ticks={() => TICKS}
        formatY={points}
        onCursor={setCursor}
        cursor={score.times[at]}
      >
        {(x, y, box) => <Drawn {...{ score, before, incidents, moments, x, y, box }} />}
      </Plot>
      {value === undefined ? null : (
        <Readout time={score.times[at] ?? 0}>
          <span>
            {points(value)} {gradeWord(gradeOf(value))}
          </span>
          {earlier === undefined ? null : (
            <span>{t('score.chart.before', 'before: {{points}}', { points: points(earlier) })}</span>
          )}
        </Readout>
      )}
    </div>
  );
};

const labelOf = ({ values }: Timeline, incidents: readonly Incident[]): string => {
  if (values.length === 0) return t('score.chart.empty', 'Score over time: nothing is known');
  return t(
    'score.chart.label',
    'Score over time: between {{low}} and {{high}}, now {{now}}; incidents: {{incidents}}',
    {
      ...{ low: points(Math.min(...values)), high: points(Math.max(...values)), now: points(values.at(-1)) },
      incidents: incidents.length,
    },
  );
};

type DrawnProps = Pick<ScoreChartProps, 'score' | 'before' | 'incidents' | 'moments'> & {
  readonly x: Scale;
  readonly y: Scale;
  readonly box: Box;
};

const Drawn = ({ score, before, incidents, moments, x, y, box }: DrawnProps) => {
  const theme = useTheme2();
  const styles = useStyles2(stylesOf);
  const path = ({ times, values }: Timeline): string =>
    linePath(times.map((time, i) => ({ x: x.to(time), y: y.to(values[i] ?? 0) })));
  return (
    <>
      {incidents.map(({ from, to, grade }) => (
        <rect
          key={from}
          data-testid="incident-band"
          {...{
            x: x.to(from) - 1,
            y: box.top,
            width: Math.max(3, x.to(to) - x.to(from) + 2),
            height: box.bottom - box.top,
          }}
          fill={gradeColor(grade, theme)}
          opacity={0.18}
        />
      ))}
      <path d={path(before)} className={styles.before} />
      <path d={path(score)} className={styles.score} />
      {marksOf(moments, x).map(({ at, words }, i) => {
        // A word that would not fit is written to the left of its mark.
        const isLate = x.to(at) > box.right - ROOM;
        return (
          <g key={at} className={styles.moment} data-testid="moment">
            <line x1={x.to(at)} x2={x.to(at)} y1={box.top} y2={box.bottom} />
            <text
              x={x.to(at) + (isLate ? -4 : 4)}
              y={box.bottom - 5 - (i % 3) * LINE}
              textAnchor={isLate ? 'end' : 'start'}
            >
              {words.join(', ')}
            </text>
          </g>
        );
      })}
    </>
  );
};

const ROOM = 110;
const CLOSE = 12;
/** Words of marks that follow each other stand on lines of their own. */
const LINE = 13;

/** What happened at about the same time is one mark with several words. */
const marksOf = (
  moments: readonly Moment[],
  x: Scale,
): readonly { readonly at: number; readonly words: readonly string[] }[] => {
  const marks: { at: number; words: string[] }[] = [];
  for (const { kind, at } of moments.toSorted((a, b) => a.at - b.at)) {
    const word = kind === 'failover' ? t('score.chart.failover', 'Failover') : t('score.chart.restart', 'Restart');
    const last = marks.at(-1);
    if (last === undefined || x.to(at) - x.to(last.at) > CLOSE) marks.push({ at, words: [word] });
    else if (!last.words.includes(word)) last.words.push(word);
  }
  return marks;
};

const stylesOf = (theme: GrafanaTheme2) => ({
  box: css({ position: 'relative' }),
  score: css({ fill: 'none', stroke: theme.visualization.getColorByName('blue'), strokeWidth: 1.8 }),
  before: css({ fill: 'none', stroke: theme.colors.text.secondary, strokeWidth: 1, strokeDasharray: '4 3' }),
  moment: css({
    line: { stroke: theme.colors.warning.text, strokeDasharray: '2 3' },
    text: { fill: theme.colors.warning.text, fontSize: theme.typography.bodySmall.fontSize },
  }),
});
