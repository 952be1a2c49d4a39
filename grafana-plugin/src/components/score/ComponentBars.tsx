import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { ScoreComponent } from '@submilli/api/score';
import { gradeOf } from '../../domain/score';
import { points } from '../format';
import { gradeColor } from './ScoreBadge';

/** The components of a score, what each weighs, and what it would bring to see to it. */
export const ComponentBars = ({ components }: { readonly components: readonly ScoreComponent[] }) => {
  const styles = useStyles2(stylesOf);
  const theme = useTheme2();
  return (
    <ul className={styles.list}>
      {components.map((one) => (
        <li key={one.component} className={styles.item}>
          <span className={styles.name}>
            {one.component}{' '}
            <span className={styles.quiet}>{t('health.weight', 'weight {{weight}}', { weight: one.weight })}</span>
          </span>
          <span className={styles.track} aria-hidden="true">
            <span
              className={styles.bar}
              style={{ width: `${one.points ?? 0}%`, background: gradeColor(gradeOf(one.points), theme) }}
            />
          </span>
          <span className={styles.points}>
            {one.points === null ? t('health.no-points', 'not known') : points(one.points)}
          </span>
          <span className={styles.sentence}>
            {one.sentence}
            {one.scoreIfWell === null || one.points === null || one.points === 100
              ? null
              : ` ${t('health.if-well', 'Well, the score would be {{score}}.', { score: points(one.scoreIfWell) })}`}
          </span>
        </li>
      ))}
    </ul>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', display: 'grid', gap: theme.spacing(1), margin: `${theme.spacing(1)} 0` }),
  item: css({
    display: 'grid',
    gap: theme.spacing(0.5, 2),
    alignItems: 'center',
    gridTemplateColumns: `${theme.spacing(26)} ${theme.spacing(20)} ${theme.spacing(8)} minmax(0, 1fr)`,
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr) auto' },
  }),
  name: css({ fontWeight: theme.typography.fontWeightMedium }),
  track: css({
    height: theme.spacing(1),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    overflow: 'hidden',
    [theme.breakpoints.down('lg')]: { gridColumn: '1 / -1', gridRow: 2 },
  }),
  bar: css({ display: 'block', height: '100%' }),
  points: css({ fontVariantNumeric: 'tabular-nums', textAlign: 'right' }),
  sentence: css({ color: theme.colors.text.secondary, [theme.breakpoints.down('lg')]: { gridColumn: '1 / -1' } }),
  quiet: css({
    color: theme.colors.text.secondary,
    fontWeight: 'normal',
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
