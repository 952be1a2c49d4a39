import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { type Grade, gradeOf } from '../../domain/score';
import { NOTHING, points } from '../format';

export const gradeWord = (grade: Grade): string => {
  switch (grade) {
    case 'good':
      return t('score.good', 'good');
    case 'fair':
      return t('score.fair', 'fair');
    case 'poor':
      return t('score.poor', 'poor');
    case 'critical':
      return t('score.critical', 'critical');
    case 'unknown':
      return t('score.unknown', 'not known');
  }
};

export const gradeColor = (grade: Grade, theme: GrafanaTheme2): string => {
  switch (grade) {
    case 'good':
      return theme.colors.success.text;
    case 'fair':
      return theme.colors.warning.text;
    case 'poor':
    case 'critical':
      return theme.colors.error.text;
    case 'unknown':
      return theme.colors.text.secondary;
  }
};

type Props = { readonly score: number | null; readonly grade?: Grade; readonly large?: boolean };

/** A score as a number, a word and a colour. */
export const ScoreBadge = ({ score, grade = gradeOf(score), large = false }: Props) => {
  const styles = useStyles2(stylesOf, grade, large);
  return (
    <span className={styles.box} data-testid="score">
      <span className={styles.number}>{score === null ? NOTHING : points(score)}</span>{' '}
      <span className={styles.word}>{gradeWord(grade)}</span>
    </span>
  );
};

const stylesOf = (theme: GrafanaTheme2, grade: Grade, large: boolean) => ({
  box: css({ display: 'inline-flex', alignItems: 'baseline', gap: theme.spacing(0.5), whiteSpace: 'nowrap' }),
  number: css({
    color: gradeColor(grade, theme),
    fontWeight: theme.typography.fontWeightMedium,
    fontSize: large ? theme.typography.h1.fontSize : theme.typography.h4.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
  word: css({ color: theme.colors.text.secondary }),
});
