import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Badge, LinkButton, TextLink, useStyles2 } from '@grafana/ui';
import { useLinks } from '../../app/links';
import { type ContentProps, definePage } from '../../app/page';
import { useUrlValue } from '../../app/url-value';
import { RecommendationList } from '../../components/advice/RecommendationList';
import { severityColor, severityIcon, severityWord } from '../../components/advice/words';
import { Card, Cards } from '../../components/Card';
import { type Column, DataTable } from '../../components/DataTable';
import { percent, seconds } from '../../components/format';
import { ScoreBadge } from '../../components/score/ScoreBadge';
import { Sparkline } from '../../components/Sparkline';
import { Empty, Failed, isAnyTrouble, Loading, Troubles } from '../../components/states';
import { countOpen, groupAdvice, isOpen, severities } from '../../domain/advice';
import { changesIn } from '../../domain/changes';
import { latestOf, seriesOf } from '../../prometheus/query';
import { overview, overviewTrend } from '../../prometheus/questions';
import { reasonOf, type Told, usePrometheus } from '../../prometheus/use-prometheus';
import { useAdvice } from '../advice/use-advice';
import { useTail } from '../latency/use-tail';
import { pathOf } from '../queries/paths';
import { changeWords } from './words';

type Row = {
  readonly cluster: string;
  readonly database: string;
  readonly score: number | null;
  readonly worst: string | null;
  readonly trend: readonly number[];
};

const Content = ({ view }: ContentProps<never>) => {
  const styles = useStyles2(stylesOf);
  const now = usePrometheus(overview(view), view);
  const over = usePrometheus(overviewTrend(view), view, true);
  const advice = useAdvice();
  const alerts = latestOf(now.frames?.get('alerts') ?? []);
  const failovers = latestOf(now.frames?.get('failovers') ?? []).reduce((sum, { value }) => sum + Math.round(value), 0);
  const trends = seriesOf(over.frames?.get('trend') ?? []);
  const changes = changesIn({
    scores: trends,
    advice: advice.now.filter(isOpen),
    failovers,
    alerts: alerts.length,
    from: view.from,
  });
  return (
    <>
      <Troubles answers={advice.answers} />
      {now.problem === undefined ? null : (
        <Failed
          title={t('overview.prometheus', 'Prometheus gives no answer')}
          detail={reasonOf(now.problem)}
          again={now.again}
        />
      )}
      <p className={styles.sentence} data-testid="changes">
        {now.problem !== undefined || over.problem !== undefined
          ? t('overview.change-unknown', 'What changed is not known.')
          : now.loading || over.loading || advice.loading
            ? t('overview.reading', 'Reading what changed…')
            : changeWords(changes, view)}
      </p>
      <Databases now={now} trends={over} />
      <Cards>
        <OpenAdvice {...advice} />
        <Card title={t('overview.tail', 'What makes the tail')}>
          <Tail />
        </Card>
        <Card title={t('overview.alerts', 'Firing alerts')}>
          <Alerts alerts={alerts} told={now} />
        </Card>
        <Card title={t('overview.failover', 'Last failover')}>
          <LastFailover at={latestOf(now.frames?.get('last') ?? []).map(({ value }) => value)} told={now} />
        </Card>
      </Cards>
    </>
  );
};

const Databases = ({ now, trends }: { readonly now: Told; readonly trends: Told }) => {
  const link = useLinks();
  const [sort, setSort] = useUrlValue('sort', 'score');
  const rows = rowsOf(now, trends);
  const columns: readonly Column<Row>[] = [
    {
      ...{ id: 'database', name: t('overview.database', 'Database'), value: ({ database }) => database },
      cell: ({ cluster, database }) => (
        <TextLink href={link('health', { 'var-cluster': cluster, 'var-database': database })} inline={false}>
          {database}
        </TextLink>
      ),
    },
    {
      ...{ id: 'cluster', name: t('overview.cluster', 'Cluster'), value: ({ cluster }) => cluster },
      cell: ({ cluster }) => cluster,
    },
    {
      ...{ id: 'score', name: t('overview.score', 'Score'), value: ({ score }) => score, numeric: true },
      cell: ({ score }) => <ScoreBadge score={score} />,
    },
    {
      ...{ id: 'worst', name: t('overview.worst', 'Worst component') },
      cell: ({ worst }) => worst ?? t('overview.no-worst', 'none: all components are well'),
    },
    {
      ...{ id: 'trend', name: t('overview.trend', 'Score over the time') },
      cell: ({ database, trend }) => (
        <Sparkline
          values={trend}
          label={t('overview.trend-of', 'Score of {{database}} over time', { database })}
          width={160}
        />
      ),
    },
  ];
  if (now.loading) return <Loading lines={4} />;
  if (rows.length === 0 && now.problem !== undefined) return null;
  if (rows.length === 0) {
    return (
      <Empty title={t('overview.none', 'No database has a score')}>
        <Trans i18nKey="overview.none-hint">
          Prometheus has no db_performance_score for this cluster and time: does it scrape the database exporter?
        </Trans>
      </Empty>
    );
  }
  return (
    <Card title={t('overview.databases', 'Databases')}>
      <DataTable
        label={t('overview.databases', 'Databases')}
        {...{ columns, rows, sort }}
        keyOf={({ cluster, database }) => `${cluster} ${database}`}
        onSort={setSort}
      />
    </Card>
  );
};

const keyOf = (labels: Readonly<Record<string, string>>): string => `${labels.cluster ?? ''} ${labels.database ?? ''}`;

const rowsOf = (now: Told, trends: Told): readonly Row[] => {
  const worst = new Map(
    latestOf(now.frames?.get('worst') ?? []).map(({ labels }) => [keyOf(labels), labels.component ?? '']),
  );
  const trend = new Map(
    seriesOf(trends.frames?.get('trend') ?? []).map(({ labels, values }) => [keyOf(labels), values]),
  );
  return latestOf(now.frames?.get('score') ?? []).map(({ labels, value }) => ({
    ...{ cluster: labels.cluster ?? '', database: labels.database ?? '', score: value },
    ...{ worst: worst.get(keyOf(labels)) ?? null, trend: trend.get(keyOf(labels)) ?? [] },
  }));
};

const OpenAdvice = ({ now, loading, answers }: ReturnType<typeof useAdvice>) => {
  const link = useLinks();
  const counts = countOpen(now);
  const isSilent = answers.every(({ data }) => data === undefined);
  const worst = groupAdvice(now.filter(isOpen), 'none').map(({ name, advice }) => ({
    name,
    advice: advice.slice(0, 4),
  }));
  return (
    <Card
      title={t('overview.advice', 'Open advice')}
      actions={(isSilent ? [] : severities).map((one) => (
        <TextLink key={one} href={link('advice', { severity: one })} inline={false} color="primary">
          <Badge
            color={severityColor[one]}
            icon={severityIcon[one]}
            text={[counts[one], severityWord(one)].join(' ')}
          />
        </TextLink>
      ))}
    >
      {loading && now.length === 0 ? <Loading lines={3} /> : null}
      {!loading && worst.length === 0 ? (
        <p>
          {isAnyTrouble(answers) || answers.length === 0
            ? t('overview.advice-unknown', 'No data: not every exporter can be asked.')
            : t('overview.no-advice', 'Nothing is open.')}
        </p>
      ) : null}
      <RecommendationList groups={worst} dense linkOf={(one) => link(`advice/${one.exporter}/${one.id}`)} />
    </Card>
  );
};

const Tail = () => {
  const link = useLinks();
  const styles = useStyles2(stylesOf);
  const { line, shares, loading, isSilent } = useTail();
  if (loading) return <Loading lines={3} />;
  if (isSilent) return <p>{t('latency.silent', 'No data: the query exporter can’t be asked.')}</p>;
  if (line === null || shares.length === 0) {
    return (
      <p>
        <Trans i18nKey="overview.no-tail">
          No data: latency comes from the server’s log, which is not read, or says too little.
        </Trans>
      </p>
    );
  }
  return (
    <>
      <p className={styles.quiet}>
        <Trans i18nKey="overview.tail-hint" values={{ line: seconds(line) }}>
          Whose calls are those above {'{{line}}'}, the P99 of all.
        </Trans>
      </p>
      <ol className={styles.list}>
        {shares.slice(0, 3).map(({ statement, share }) => (
          <li key={`${statement.target} ${statement.database} ${statement.queryid}`}>
            <TextLink href={link(`queries/${pathOf(statement)}`)} inline>
              {statement.query ?? statement.queryid}
            </TextLink>{' '}
            <span className={styles.quiet}>
              {percent(share)} · {statement.queryType} · {statement.database}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
};

/** What stands where Prometheus' answer would; nothing once there is one. */
const waitingFor = ({ loading, problem }: Told) => {
  if (problem !== undefined) return <p>{t('overview.no-data', 'No data: Prometheus gives no answer.')}</p>;
  return loading ? <Loading lines={2} /> : undefined;
};

type AlertsProps = { readonly alerts: ReturnType<typeof latestOf>; readonly told: Told };

const Alerts = ({ alerts, told }: AlertsProps) => {
  const styles = useStyles2(stylesOf);
  const waiting = waitingFor(told);
  if (waiting !== undefined) return waiting;
  if (alerts.length === 0) return <p>{t('overview.no-alerts', 'None is firing.')}</p>;
  return (
    <ul className={styles.list}>
      {alerts.map(({ labels }) => (
        <li key={JSON.stringify(labels)}>
          <Badge color={labels.severity === 'critical' ? 'red' : 'orange'} text={labels.severity ?? ''} />{' '}
          {labels.alertname} <span className={styles.quiet}>{labels.database ?? labels.instance ?? ''}</span>
        </li>
      ))}
    </ul>
  );
};

const LastFailover = ({ at, told }: { readonly at: readonly number[]; readonly told: Told }) => {
  const link = useLinks();
  const waiting = waitingFor(told);
  if (waiting !== undefined) return waiting;
  const last = Math.max(...at);
  return (
    <>
      <p>
        {at.length === 0
          ? t(
              'overview.no-failover',
              'None is known: the cluster is on its first timeline, or its exporter tells nothing.',
            )
          : dateTimeFormat(last * 1000)}
      </p>
      <LinkButton variant="secondary" size="sm" href={link('high-availability')}>
        <Trans i18nKey="overview.failover-why">When and why</Trans>
      </LinkButton>
    </>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  sentence: css({ fontSize: theme.typography.h5.fontSize, margin: 0 }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  list: css({ paddingLeft: theme.spacing(2), display: 'grid', gap: theme.spacing(1), overflowWrap: 'anywhere' }),
});

export const Overview = definePage<never>({ charts: () => ({}), Content });
