import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { type Grade, gradeOf } from '../../domain/score/score';
import { NOTHING, points } from '../format';
import { gradeColor, gradeWord } from './grade';

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
