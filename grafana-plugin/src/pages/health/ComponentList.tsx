import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Badge, useStyles2, useTheme2 } from '@grafana/ui';
import type { ScoreCheck, ScoreComponent, ScoreOfDatabase } from '@submilli/api/score';
import { PointsBar } from '../../components/score/ComponentBars';
import { type Column, DataTable } from '../../components/DataTable';
import { count, NOTHING, points } from '../../components/format';
import { componentName, gradeColor } from '../../components/score/grade';
import { Difference } from '../../components/score/ScoreGauge';
import { componentsOf, differenceOf, gainOf, gradeOf } from '../../domain/score/score';

type Props = { readonly score: ScoreOfDatabase; readonly before: ReadonlyMap<string, number> };

/** The components of a score, what would raise it most first; each opens to its evidence. */
export const ComponentList = ({ score, before }: Props) => {
  const styles = useStyles2(stylesOf);
  const byName = new Map(score.components.map((one) => [one.component, one]));
  return (
    <ul
      className={styles.list}
      aria-label={t('health.components', 'Components, what would raise the score most first')}
    >
      {componentsOf(score).map(({ component }) => {
        const one = byName.get(component);
        return one === undefined ? null : (
          <Component key={component} component={one} now={score.now} before={before.get(component)} />
        );
      })}
    </ul>
  );
};

type ComponentProps = {
  readonly component: ScoreComponent;
  readonly now: number | null;
  readonly before: number | undefined;
};

const Component = ({ component: one, now, before }: ComponentProps) => {
  const styles = useStyles2(stylesOf);
  const theme = useTheme2();
  const gain = gainOf(one, now);
  return (
    <li data-testid={`component-${one.component}`}>
      <details open={one.points !== null && one.points < 100}>
        <summary className={styles.summary}>
          <span className={styles.name}>{componentName(one.component)}</span>
          <PointsBar points={one.points} />
          <span className={styles.points} style={{ color: gradeColor(gradeOf(one.points), theme) }}>
            {one.points === null ? t('health.no-points', 'not known') : points(one.points)}
          </span>
          <span className={styles.quiet}>{t('health.weight', 'weight {{weight}}', { weight: one.weight })}</span>
          <span className={styles.difference}>
            <Difference difference={differenceOf(one.points, before)} />
          </span>
          <span className={styles.sentence}>
            {gain === null || gain < 0.5 || one.scoreIfWell === null ? null : (
              <Badge
                color="orange"
                text={t('health.if-well', 'well, the score would be {{score}}', { score: points(one.scoreIfWell) })}
              />
            )}{' '}
            {one.sentence}
          </span>
        </summary>
        <Evidence {...one} />
      </details>
    </li>
  );
};

const Evidence = ({ component, evidence }: ScoreComponent) => {
  const columns: readonly Column<ScoreCheck>[] = [
    { ...{ id: 'signal', name: t('health.signal', 'Signal') }, cell: ({ signal }) => signal.replaceAll('_', ' ') },
    { ...{ id: 'value', name: t('health.value', 'Value'), numeric: true }, cell: valueOf },
    {
      ...{ id: 'thresholds', name: t('health.thresholds', 'Warning / critical'), numeric: true },
      cell: ThresholdsCell,
    },
    { ...{ id: 'points', name: t('health.points', 'Points'), numeric: true }, cell: (one) => points(one.points) },
    { ...{ id: 'sentence', name: t('health.says', 'What that says') }, cell: SentenceCell },
  ];
  return (
    <DataTable
      {...{ columns, rows: evidence, sort: '' }}
      label={t('health.evidence-of', 'Evidence of {{component}}', { component: componentName(component) })}
      keyOf={({ signal }) => signal}
      onSort={() => undefined}
    />
  );
};

const valueOf = ({ value, unit, state }: ScoreCheck): string => {
  if (state === 'not-applicable') return t('health.not-applicable', 'does not apply');
  return value === null ? NOTHING : `${count(value)} ${unit}`;
};

const ThresholdsCell = ({ warning, critical, unit, thresholds }: ScoreCheck) => (
  <span title={[thresholds.warning, thresholds.critical].filter((key) => key !== null).join(', ')}>
    {count(warning)} / {count(critical)} {unit}
  </span>
);

const SentenceCell = ({ sentence, source, state }: ScoreCheck) => {
  const styles = useStyles2(stylesOf);
  return (
    <div className={styles.wide}>
      {state === 'unknown' ? <Badge color="darkgrey" text={t('health.unknown', 'not known')} /> : null} {sentence}{' '}
      <span className={styles.quiet}>({source})</span>
    </div>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', display: 'grid', gap: theme.spacing(0.5), gridTemplateColumns: 'minmax(0, 1fr)' }),
  summary: css({
    ...{ display: 'grid', gap: theme.spacing(0.25, 1.5), alignItems: 'center', cursor: 'pointer' },
    padding: theme.spacing(0.75, 1),
    gridTemplateColumns: `${theme.spacing(26)} ${theme.spacing(18)} ${theme.spacing(9)} ${theme.spacing(9)} ${theme.spacing(9)} minmax(0, 1fr)`,
    borderTop: `1px solid ${theme.colors.border.weak}`,
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr) auto auto' },
  }),
  name: css({
    fontWeight: theme.typography.fontWeightMedium,
    '&::before': { content: '"▸ "' },
    'details[open] &::before': { content: '"▾ "' },
  }),
  points: css({ fontVariantNumeric: 'tabular-nums', textAlign: 'right', whiteSpace: 'nowrap' }),
  difference: css({ display: 'inline-flex' }),
  sentence: css({ color: theme.colors.text.secondary, [theme.breakpoints.down('lg')]: { gridColumn: '1 / -1' } }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  wide: css({ minWidth: theme.spacing(40) }),
});
