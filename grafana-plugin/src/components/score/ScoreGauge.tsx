import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import { directionOf, gradeOf, type Grade } from '../../domain/score/score';
import { NOTHING, points as pointsOf } from '../format';
import { directionIcon, gradeColor, gradeWord } from './grade';

type Props = {
  /** 0 to 100; null when it is not known. */
  readonly value: number | null;
  /** As the exporter says it; from the value where it does not. */
  readonly grade?: Grade;
  /** Points up or down against the period before; null when that is not known. */
  readonly difference?: number | null;
  readonly size?: number;
};

/** Three quarters of a circle, open at the bottom. */
const ARC = 0.75;
const WIDTH = 9;

/** A score: a number, an arc, and its grade in a word and a colour. */
export const ScoreGauge = ({ value, grade = gradeOf(value), difference = null, size = 140 }: Props) => {
  const theme = useTheme2();
  const styles = useStyles2(stylesOf);
  const radius = 50 - WIDTH / 2;
  const length = 2 * Math.PI * radius;
  const share = value === null ? 0 : Math.min(100, Math.max(0, value)) / 100;
  const arc = (part: number) => ({
    ...{ cx: 50, cy: 50, r: radius, fill: 'none', strokeWidth: WIDTH, strokeLinecap: 'round' as const },
    ...{ strokeDasharray: `${length * ARC * part} ${length}`, transform: 'rotate(135 50 50)' },
  });
  const color = gradeColor(grade, theme);
  return (
    <div className={styles.box} style={{ width: size }} data-testid="score">
      <svg viewBox="0 0 100 100" width={size} height={size} role="img" aria-label={labelOf(value, grade)}>
        <circle {...arc(1)} stroke={theme.colors.background.secondary} />
        {share > 0 ? <circle {...arc(share)} stroke={color} /> : null}
        <text x={50} y={53} textAnchor="middle" className={styles.number}>
          {value === null ? NOTHING : pointsOf(value)}
        </text>
        <text x={50} y={70} textAnchor="middle" className={styles.grade} fill={color}>
          {gradeWord(grade)}
        </text>
      </svg>
      <Difference difference={difference} />
    </div>
  );
};

const labelOf = (value: number | null, grade: Grade): string =>
  value === null
    ? t('score.gauge.unknown', 'Health score: not known')
    : t('score.gauge.label', 'Health score {{points}} of 100, {{grade}}', {
        ...{ points: pointsOf(value), grade: gradeWord(grade) },
      });

/** Points up or down, in a word, an arrow and a number. */
export const Difference = ({ difference }: { readonly difference: number | null }) => {
  const styles = useStyles2(stylesOf);
  const direction = directionOf(difference);
  if (difference === null || direction === 'unknown') return null;
  const icon = directionIcon(direction);
  const points = pointsOf(Math.abs(difference));
  return (
    <span className={styles.difference} data-direction={direction}>
      {icon === undefined ? null : <Icon name={icon} size="sm" />}
      {direction === 'same'
        ? t('score.difference.same', 'as before')
        : direction === 'up'
          ? t('score.difference.up', 'up {{points}}', { points })
          : t('score.difference.down', 'down {{points}}', { points })}
    </span>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  box: css({ display: 'inline-flex', flexDirection: 'column', alignItems: 'center', lineHeight: 1.2 }),
  number: css({ fontSize: 30, fontWeight: theme.typography.fontWeightMedium, fill: theme.colors.text.primary }),
  grade: css({ fontSize: 11 }),
  difference: css({
    ...{ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.25), whiteSpace: 'nowrap' },
    ...{ fontSize: theme.typography.bodySmall.fontSize, color: theme.colors.text.secondary },
    '&[data-direction="down"]': { color: theme.colors.error.text },
    '&[data-direction="up"]': { color: theme.colors.success.text },
  }),
});
