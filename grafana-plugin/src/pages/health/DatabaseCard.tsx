import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Alert, useStyles2 } from '@grafana/ui';
import type { ScoreOfDatabase } from '@submilli/api/score';
import type { View } from '../../app/about';
import { Card } from '../../components/Card';
import { points } from '../../components/format';
import { Measured } from '../../components/Measured';
import { componentName } from '../../components/score/grade';
import { ScoreChart } from '../../components/score/ScoreChart';
import { ScoreGauge } from '../../components/score/ScoreGauge';
import { Loading } from '../../components/states';
import type { Moment } from '../../domain/score/events';
import { meanOf } from '../../domain/score/incidents';
import { differenceOf } from '../../domain/score/score';
import { ComponentList } from './ComponentList';
import { IncidentList } from './IncidentList';
import type { History } from './use-history';

type Props = {
  readonly title: string;
  readonly database: string;
  /** Undefined: the exporter can't be asked; what Prometheus remembers is shown all the same. */
  readonly score: ScoreOfDatabase | undefined;
  readonly history: History;
  readonly loading: boolean;
  readonly moments: readonly Moment[];
  readonly view: View;
};

const HEIGHT = 190;

/** One database: its score, how it got there, what costs it most, and on what evidence. */
export const DatabaseCard = ({ title, database, score, history, loading, moments, view }: Props) => {
  const styles = useStyles2(stylesOf);
  const value = score?.value ?? history.score.values.at(-1) ?? null;
  return (
    <Card title={title}>
      <div className={styles.top}>
        <ScoreGauge
          {...{ value, difference: differenceOf(value, meanOf(history.before)) }}
          {...(score === undefined ? {} : { grade: score.grade })}
        />
        <div className={styles.chart}>
          {loading && history.score.times.length === 0 ? <Loading lines={3} /> : null}
          {history.score.times.length === 0 ? null : (
            <Measured>
              {(width) => (
                <ScoreChart
                  {...{ width, height: HEIGHT, score: history.score, before: history.before, moments }}
                  {...{ incidents: history.incidents, from: view.from, to: view.to }}
                />
              )}
            </Measured>
          )}
          {loading && history.score.times.length === 0 ? null : <Compared history={history} />}
          {history.score.times.length === 0 ? null : <IncidentList incidents={history.incidents} database={database} />}
        </div>
      </div>
      {score === undefined ? (
        <p>
          <Trans i18nKey="health.no-detail">
            How the score comes about is told by the database exporter alone, and it can’t be asked now.
          </Trans>
        </p>
      ) : (
        <Explained score={score} history={history} />
      )}
    </Card>
  );
};

const Explained = ({ score, history }: { readonly score: ScoreOfDatabase; readonly history: History }) => {
  const styles = useStyles2(stylesOf);
  return (
    <>
      {score.cap === null ? null : (
        <Alert
          severity="warning"
          title={t('health.cap', 'Held at {{at}} by {{component}}', {
            ...{ at: points(score.cap.at), component: componentName(score.cap.component) },
          })}
        >
          {score.cap.why}
        </Alert>
      )}
      <p className={styles.raise} data-testid="raise">
        {score.raise === null ? t('health.no-raise', 'Nothing that is known would raise it.') : score.raise.sentence}
      </p>
      {score.coverage < 1 ? (
        <p className={styles.quiet}>
          {t(
            'health.coverage',
            'It rests on {{coverage}} % of its weight: what is not known is left out, not counted as well.',
            { coverage: Math.round(score.coverage * 100) },
          )}
        </p>
      ) : null}
      <ComponentList score={score} before={history.componentsBefore} />
    </>
  );
};

/** In a sentence, what the two lines of the chart say. */
const Compared = ({ history: { score, before } }: { readonly history: History }) => {
  const styles = useStyles2(stylesOf);
  const [mean, meanBefore] = [meanOf(score), meanOf(before)];
  if (mean === null) {
    return <p className={styles.quiet}>{t('health.no-history', 'Prometheus knows no score in this time.')}</p>;
  }
  return (
    <p className={styles.quiet} data-testid="before">
      {meanBefore === null
        ? t('health.no-before', 'Nothing is known of the time before, to compare with.')
        : t(
            'health.before',
            '{{mean}} on average, {{lowest}} at the lowest; in the time before (dashed) {{meanBefore}} and {{lowestBefore}}.',
            {
              ...{ mean: points(mean), lowest: points(Math.min(...score.values)) },
              ...{ meanBefore: points(meanBefore), lowestBefore: points(Math.min(...before.values)) },
            },
          )}
    </p>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  top: css({
    ...{ display: 'grid', gap: theme.spacing(2), gridTemplateColumns: 'auto minmax(0, 1fr)', alignItems: 'start' },
    [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)', justifyItems: 'center' },
  }),
  chart: css({
    width: '100%',
    minWidth: 0,
    display: 'grid',
    gap: theme.spacing(1),
    gridTemplateColumns: 'minmax(0, 1fr)',
  }),
  quiet: css({ color: theme.colors.text.secondary, margin: 0, fontSize: theme.typography.bodySmall.fontSize }),
  raise: css({ fontWeight: theme.typography.fontWeightMedium, margin: theme.spacing(2, 0, 1) }),
});
