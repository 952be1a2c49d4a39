import { t, Trans } from '@grafana/i18n';
import { scoreAnswer, type ScoreOfDatabase } from '@submilli/api/score';
import { useTargets, useTargetsResource } from '../../api/use-exporters';
import { type ContentProps, definePage } from '../../app/page';
import { Chart, timeseries } from '../../components/Chart';
import { Empty, Failed, isAnyTrouble, Loading, Troubles } from '../../components/states';
import { DatabaseCard } from './DatabaseCard';
import { scoreCharts } from '../../prometheus/questions';
import { reasonOf } from '../../prometheus/use-prometheus';
import { useHistory, type Which } from './use-history';

type ChartName = 'components';

const charts = (uid: string) => ({
  components: timeseries(uid, {
    ...{ title: t('health.components-chart', 'Components over time'), unit: 'none', min: 0, max: 100 },
    description: t(
      'health.components-says',
      'Points of each component: all at its warning thresholds or better, none at a critical one or worse.',
    ),
    lines: [{ expr: scoreCharts.components, legend: '{{component}}' }],
  }),
});

type Explained = { readonly target: string; readonly score: ScoreOfDatabase };
type Told = Which & { readonly score: ScoreOfDatabase | undefined };

/** What the exporter explains, the lowest first; then what only Prometheus remembers. */
export const joined = (explained: readonly Explained[], remembered: readonly Which[]): readonly Told[] => {
  const known = explained
    .map(({ target, score }): Told => ({ target, score, database: score.database }))
    .toSorted((a, b) => (a.score?.value ?? 101) - (b.score?.value ?? 101) || a.database.localeCompare(b.database));
  const isKnown = ({ database, target }: Which): boolean =>
    known.some((one) => one.database === database && (target === '' || one.target === target));
  return [...known, ...remembered.filter((one) => !isKnown(one)).map((one): Told => ({ ...one, score: undefined }))];
};

const Content = ({ view, charts: panels }: ContentProps<ChartName>) => {
  const targets = useTargets('database');
  const answers = useTargetsResource('database', 'score', scoreAnswer, targets.names);
  const history = useHistory(view);
  const loading = targets.loading || answers.some((one) => one.loading) || history.loading;
  const explained = answers
    .flatMap(({ target, data }) => (data?.databases ?? []).map((score) => ({ target, score })))
    .filter(({ score }) => view.database === '' || score.database === view.database);
  const all = joined(explained, history.remembered);
  return (
    <>
      <Troubles answers={[targets, ...answers]} needed />
      {history.problem === undefined ? null : (
        <Failed
          title={t('health.failed', 'Prometheus gives no answer')}
          detail={reasonOf(history.problem)}
          again={history.again}
        />
      )}
      {loading && all.length === 0 ? <Loading lines={8} /> : null}
      {!loading && all.length === 0 && !isAnyTrouble([targets, ...answers]) ? (
        <Empty title={t('health.none', 'No score is known')}>
          <Trans i18nKey="health.none-hint">
            The database exporter tells how a score comes about; it watches no such database.
          </Trans>
        </Empty>
      ) : null}
      {all.map(({ target, database, score }) => (
        <DatabaseCard
          key={`${target} ${database}`}
          title={target === '' ? database : t('health.database', '{{database}} on {{target}}', { database, target })}
          {...{ database, score, view, moments: history.moments, loading: history.loading }}
          history={history.of({ database, target })}
        />
      ))}
      <Chart panel={panels.components} height={240} />
    </>
  );
};

export const HealthPage = definePage<ChartName>({ charts, Content });
