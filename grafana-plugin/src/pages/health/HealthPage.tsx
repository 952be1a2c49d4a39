import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Alert, Badge, useStyles2 } from '@grafana/ui';
import { scoreAnswer, type ScoreCheck, type ScoreComponent, type ScoreOfDatabase } from '@submilli/api/score';
import { useTargets, useTargetsResource } from '../../api/use-exporters';
import { type ContentProps, definePage } from '../../app/page';
import { matchers, OF_CLUSTER, OF_DATABASE, type View } from '../../app/view';
import { Card } from '../../components/Card';
import { Chart, timeseries } from '../../components/Chart';
import { type Column, DataTable } from '../../components/DataTable';
import { count, NOTHING, points } from '../../components/format';
import { ComponentBars } from '../../components/score/ComponentBars';
import { ScoreBadge } from '../../components/score/ScoreBadge';
import { Empty, Loading, Troubles } from '../../components/states';
import { byWorth } from '../../domain/score';
import { seriesOf } from '../../prometheus/query';
import { usePrometheus } from '../../prometheus/use-prometheus';

type ChartName = 'score' | 'components';

const charts = (uid: string) => ({
  score: timeseries(uid, {
    ...{ title: 'Score over time', unit: 'none', min: 0, max: 100 },
    description:
      'From 0 to 100; falls at once, recovers slowly. Steps of the timeline are failovers, marks are restarts.',
    lines: [
      { expr: `db_performance_score{${OF_DATABASE}}`, legend: '{{database}}' },
      { expr: `100 * (changes(db_ha_failovers_total{${OF_CLUSTER}}[$__interval]) > 0)`, legend: 'failover' },
    ],
  }),
  components: timeseries(uid, {
    ...{ title: 'Components over time', unit: 'none', min: 0, max: 100 },
    description: 'Points of each component: all at its warning thresholds or better, none at a critical one or worse.',
    lines: [{ expr: `min by (component) (db_performance_score_component{${OF_DATABASE}})`, legend: '{{component}}' }],
  }),
});

const Content = ({ view, charts: panels }: ContentProps<ChartName>) => {
  const styles = useStyles2(stylesOf);
  const targets = useTargets('database');
  const answers = useTargetsResource('database', 'score', scoreAnswer, targets.names);
  const loading = targets.loading || answers.some((one) => one.loading);
  const found = answers
    .flatMap(({ target, data }) => (data?.databases ?? []).map((score) => ({ target, score })))
    .filter(({ score }) => view.database === '' || score.database === view.database);
  return (
    <div className={styles.page}>
      <Troubles answers={[targets, ...answers.filter(({ problem }) => problem?.kind !== 'down')]} />
      <div className={styles.charts}>
        <Chart panel={panels.score} height={240} />
        <Chart panel={panels.components} height={240} />
      </div>
      {loading && found.length === 0 ? <Loading lines={8} /> : null}
      {!loading && found.length === 0 ? (
        <Empty title={t('health.none', 'No score is known')}>
          <Trans i18nKey="health.none-hint">
            The database exporter tells how a score comes about; it watches no such database, or can’t be asked.
          </Trans>
        </Empty>
      ) : null}
      {found.map(({ target, score }) => (
        <Database key={`${target} ${score.database}`} {...{ target, score, view }} />
      ))}
    </div>
  );
};

type DatabaseProps = { readonly target: string; readonly score: ScoreOfDatabase; readonly view: View };

const Database = ({ target, score, view }: DatabaseProps) => {
  const styles = useStyles2(stylesOf);
  const components = byWorth(score.components, score.value);
  return (
    <Card
      title={t('health.database', '{{database}} on {{target}}', { database: score.database, target })}
      actions={<ScoreBadge score={score.value} grade={score.grade} large />}
    >
      <Before view={view} database={score.database} now={score.value} />
      {score.cap === null ? null : (
        <Alert
          severity="warning"
          title={t('health.cap', 'Held at {{at}} by {{component}}', {
            at: points(score.cap.at),
            component: score.cap.component,
          })}
        >
          {score.cap.why}
        </Alert>
      )}
      <p className={styles.raise}>
        {score.raise === null ? t('health.no-raise', 'Nothing that is known would raise it.') : score.raise.sentence}
      </p>
      {score.coverage < 1 ? (
        <p className={styles.quiet}>
          <Trans i18nKey="health.coverage" values={{ coverage: Math.round(score.coverage * 100) }}>
            It rests on {'{{coverage}}'} % of its weight: what is not known is left out, not counted as well.
          </Trans>
        </p>
      ) : null}
      <ComponentBars components={components} />
      <Evidence components={components} />
    </Card>
  );
};

/** Against the time of the same length before. */
const Before = ({
  view,
  database,
  now,
}: {
  readonly view: View;
  readonly database: string;
  readonly now: number | null;
}) => {
  const styles = useStyles2(stylesOf);
  const span = { from: view.from - (view.to - view.from), to: view.from };
  const of = matchers({ ...view, database });
  const { frames } = usePrometheus({ before: `db_performance_score{${of}}` }, span, true);
  const values = seriesOf(frames?.get('before') ?? []).flatMap((one) => one.values);
  if (frames === undefined) return null;
  if (values.length === 0 || now === null) {
    return (
      <p className={styles.quiet}>{t('health.no-before', 'Nothing is known of the time before, to compare with.')}</p>
    );
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const lowest = Math.min(...values);
  return (
    <p className={styles.quiet} data-testid="before">
      {t('health.before', 'In the time before: {{mean}} on average, {{lowest}} at the lowest. Now {{now}}.', {
        ...{ mean: points(mean), lowest: points(lowest), now: points(now) },
      })}
    </p>
  );
};

type Row = ScoreCheck & { readonly component: string; readonly weight: number };

const Evidence = ({ components }: { readonly components: readonly ScoreComponent[] }) => {
  const rows = components.flatMap(({ component, weight, evidence }) =>
    evidence.map((one): Row => ({ ...one, component, weight })),
  );
  const columns: readonly Column<Row>[] = [
    { ...{ id: 'component', name: t('health.component', 'Component') }, cell: ({ component }) => component },
    { ...{ id: 'signal', name: t('health.signal', 'Signal') }, cell: ({ signal }) => signal.replaceAll('_', ' ') },
    { ...{ id: 'value', name: t('health.value', 'Value'), numeric: true }, cell: valueOf },
    {
      ...{ id: 'thresholds', name: t('health.thresholds', 'Warning / critical'), numeric: true },
      cell: ({ warning, critical, unit }) => `${count(warning)} / ${count(critical)} ${unit}`,
    },
    { ...{ id: 'points', name: t('health.points', 'Points'), numeric: true }, cell: (one) => points(one.points) },
    { ...{ id: 'sentence', name: t('health.says', 'What that says') }, cell: SentenceCell },
  ];
  return (
    <details>
      <summary>{t('health.evidence', 'Evidence: {{count}} signals', { count: rows.length })}</summary>
      <DataTable
        label={t('health.evidence-label', 'Evidence')}
        {...{ columns, rows }}
        keyOf={({ component, signal }) => `${component} ${signal}`}
        sort=""
        onSort={() => undefined}
      />
    </details>
  );
};

const valueOf = ({ value, unit, state }: Row): string =>
  state === 'not-applicable'
    ? t('health.not-applicable', 'does not apply')
    : value === null
      ? NOTHING
      : `${count(value)} ${unit}`;

const SentenceCell = ({ sentence, source, state }: Row) => {
  const styles = useStyles2(stylesOf);
  return (
    <div className={styles.sentence}>
      {state === 'unknown' ? <Badge color="darkgrey" text={t('health.unknown', 'not known')} /> : null} {sentence}{' '}
      <span className={styles.quiet}>({source})</span>
    </div>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ display: 'grid', gap: theme.spacing(2), width: '100%', minWidth: 0 }),
  charts: css({
    display: 'grid',
    gap: theme.spacing(1),
    gridTemplateColumns: `repeat(auto-fit, minmax(min(100%, ${theme.spacing(60)}), 1fr))`,
  }),
  quiet: css({ color: theme.colors.text.secondary, margin: 0 }),
  raise: css({ fontWeight: theme.typography.fontWeightMedium }),
  sentence: css({ minWidth: theme.spacing(40) }),
});

export const HealthPage = definePage<ChartName>({ charts, Content });
