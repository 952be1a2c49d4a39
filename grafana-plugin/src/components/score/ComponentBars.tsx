import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { type Component, gradeOf } from '../../domain/score/score';
import { points as pointsOf } from '../format';
import { componentName, gradeColor, gradeWord } from './grade';

type Props = { readonly components: readonly Component[] };

/** Components of a score, each with its points as a bar and a number, and what it costs the score. */
export const ComponentBars = ({ components }: Props) => {
  const styles = useStyles2(stylesOf);
  return (
    <ul className={styles.list} aria-label={t('score.components', 'Components of the score')}>
      {components.map((one) => (
        <Bar key={one.component} {...one} />
      ))}
    </ul>
  );
};

const Bar = ({ component, points, gain }: Component) => {
  const theme = useTheme2();
  const styles = useStyles2(stylesOf);
  const grade = gradeOf(points);
  return (
    <li className={styles.row} data-testid={`component-${component}`}>
      <span className={styles.name}>{componentName(component)}</span>
      <PointsBar points={points} />
      <span className={styles.points} style={{ color: gradeColor(grade, theme) }} title={gradeWord(grade)}>
        {points === null ? t('score.no-points', 'no data') : pointsOf(points)}
      </span>
      <span className={styles.gain}>
        {gain === null || gain < 0.5 ? '' : t('score.gain', '+{{points}}', { points: pointsOf(gain) })}
      </span>
    </li>
  );
};

/** Points as a bar; its number is to stand beside it. */
export const PointsBar = ({ points }: { readonly points: number | null }) => {
  const theme = useTheme2();
  const styles = useStyles2(stylesOf);
  return (
    <span className={styles.track} aria-hidden>
      {points === null ? null : (
        <span
          className={styles.bar}
          style={{ width: `${Math.max(1, points)}%`, background: gradeColor(gradeOf(points), theme) }}
        />
      )}
    </span>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: theme.spacing(0.75) }),
  row: css({
    ...{ display: 'grid', gridTemplateColumns: 'minmax(7em, 1.4fr) minmax(3em, 2fr) 4em 2.5em', alignItems: 'center' },
    ...{ columnGap: theme.spacing(1), fontSize: theme.typography.bodySmall.fontSize },
  }),
  name: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  track: css({
    minWidth: theme.spacing(5),
    height: theme.spacing(1),
    borderRadius: theme.shape.radius.pill,
    background: theme.colors.background.secondary,
  }),
  bar: css({ display: 'block', height: '100%', borderRadius: theme.shape.radius.pill }),
  points: css({ textAlign: 'right', fontVariantNumeric: 'tabular-nums' }),
  gain: css({ color: theme.colors.text.secondary, fontVariantNumeric: 'tabular-nums' }),
});
