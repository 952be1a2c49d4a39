import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Alert, Badge, LinkButton, useStyles2 } from '@grafana/ui';
import { latencyAnswer } from '@submilli/api/latency';
import { type PlansAnswer, plansAnswer } from '@submilli/api/plans';
import { useParams } from 'react-router-dom';
import { useResource } from '../../api/use-exporters';
import { useLinks } from '../../app/links';
import { type ContentProps, definePage } from '../../app/page';
import { Chart, timeseries } from '../../components/Chart';
import { Copyable } from '../../components/Copyable';
import { Facts } from '../../components/Facts';
import { bytes, count, NOTHING, percent, seconds, times } from '../../components/format';
import { RecommendationList } from '../../components/advice/RecommendationList';
import { ChartGrid } from '../../components/Layout';
import { Empty, isAnyTrouble, Loading, Troubles } from '../../components/states';
import { concerns, groupAdvice } from '../../domain/advice';
import { ioBytes, readBy, type Statement, tablesIn } from '../../domain/statements';
import { quantileName } from '../../domain/latency/targets';
import { statementCharts } from '../../prometheus/questions';
import { useAdvice } from '../advice/use-advice';
import { useStatements } from './use-statements';

type ChartName = 'mean' | 'calls' | 'io' | 'rows';

const charts = (uid: string) => {
  const chart = (title: string, description: string, unit: string, lines: readonly (readonly [string, string])[]) =>
    timeseries(uid, { title, description, unit, min: 0, lines: lines.map(([legend, expr]) => ({ legend, expr })) });
  return {
    mean: chart('Mean time per call', 'Executor time by pg_stat_statements; commit is not in it.', 's', [
      ['mean', statementCharts.mean],
    ]),
    calls: chart('Calls per second', 'How often it was called.', 'cps', [['calls', statementCharts.calls]]),
    io: chart('Blocks per call', 'Of 8 kB: found in shared buffers, or read from outside.', 'short', [
      ['hit', statementCharts.hit],
      ['read', statementCharts.read],
      ['temporary', statementCharts.temporary],
    ]),
    rows: chart('Rows per call', 'Retrieved or affected.', 'short', [['rows', statementCharts.rows]]),
  } satisfies Record<ChartName, unknown>;
};

const Content = ({ charts: panels }: ContentProps<ChartName>) => {
  const styles = useStyles2(stylesOf);
  const { target = '', database = '', queryid = '' } = useParams();
  const link = useLinks();
  const { statements, loading, answers } = useStatements();
  const found = statements.find((one) => one.target === target && one.database === database && one.queryid === queryid);
  return (
    <>
      <div>
        <LinkButton variant="secondary" fill="text" icon="arrow-left" href={link('queries')}>
          <Trans i18nKey="query.back">All statements</Trans>
        </LinkButton>
      </div>
      <Troubles answers={answers} needed />
      <h2 className={styles.title}>
        <Trans i18nKey="query.title" values={{ queryid, database, target }}>
          Statement {'{{queryid}}'} of {'{{database}}'} on {'{{target}}'}
        </Trans>
      </h2>
      {found === undefined && loading ? <Loading lines={5} /> : null}
      {found === undefined && !loading && !isAnyTrouble(answers) ? (
        <Empty title={t('query.gone', 'It was not called in this window')}>
          <Trans i18nKey="query.gone-hint">What Prometheus has of it is below.</Trans>
        </Empty>
      ) : null}
      {found === undefined ? null : <Figures statement={found} />}
      <ChartGrid>
        {(['mean', 'calls', 'io', 'rows'] as const).map((name) => (
          <Chart key={name} panel={panels[name]} height={220} />
        ))}
      </ChartGrid>
      <Latency {...{ target, database, queryid }} />
      <Plans {...{ target, database, queryid }} />
      <Concerning {...{ target, database, queryid }} />
    </>
  );
};

const Figures = ({ statement: one }: { readonly statement: Statement }) => (
  <section aria-label={t('query.figures', 'Figures')}>
    {one.query === null ? (
      <Alert severity="info" title={t('query.no-text', 'Its text is not shown')}>
        {one.queryMissing ?? t('query.no-text-why', 'The exporter is not configured to give it.')}
      </Alert>
    ) : (
      <Copyable text={one.query} label={t('query.text', 'Normalised text')} />
    )}
    <Facts
      facts={[
        [t('query.type', 'Type'), one.queryType],
        [t('query.total', 'Total time'), `${seconds(one.totalSeconds)} (${percent(one.timeShare)})`],
        [t('query.mean', 'Mean'), seconds(one.meanSeconds)],
        [t('query.deviation', 'Deviation'), seconds(one.deviationSeconds)],
        [t('query.calls', 'Calls'), count(one.calls)],
        [t('query.rows', 'Rows per call'), count(one.rows / one.calls)],
        [t('query.io', 'Read and written'), bytes(ioBytes(one))],
        [t('query.wal', 'WAL'), bytes(one.wal.bytes)],
        [t('query.usual', 'Against usual'), <Usual key="usual" statement={one} />],
        [
          t('query.tables', 'Tables in its text'),
          one.query === null ? NOTHING : tablesIn(one.query).join(', ') || NOTHING,
        ],
      ]}
    />
  </section>
);

const Usual = ({ statement: { baseline } }: { readonly statement: Statement }) => {
  if (baseline === null)
    return <Trans i18nKey="query.no-baseline">not known yet: it takes six hours of watching</Trans>;
  return (
    <>
      {times(baseline.ratio)} ({seconds(baseline.meanSeconds)}, {baseline.basis})
      {baseline.changes.length === 0 ? null : ` – ${baseline.changes.join(', ')}`}
    </>
  );
};

type Which = { readonly target: string; readonly database: string; readonly queryid: string };

const Latency = ({ target, database, queryid }: Which) => {
  const answer = useResource('query', 'latency', latencyAnswer, { target });
  const found = answer.data?.statements.find((one) => one.queryid === queryid && one.database === database);
  return (
    <section aria-labelledby="query-latency">
      <h3 id="query-latency">
        <Trans i18nKey="query.latency">Latency by the server’s log</Trans>
      </h3>
      {found === undefined ? (
        <p>
          <Trans i18nKey="query.no-latency">No data: it was not logged, or too rarely, in the window.</Trans>
        </p>
      ) : (
        <Facts
          facts={found.log.quantiles.map(({ quantile, seconds: value, low, high }) => [
            quantileName(quantile),
            `${seconds(value)} (${seconds(low)} – ${seconds(high)})`,
          ])}
        />
      )}
    </section>
  );
};

const Plans = ({ target, database, queryid }: Which) => {
  const styles = useStyles2(stylesOf);
  const answer = useResource('query', 'plans', plansAnswer, { target });
  const found = answer.data?.statements.find((one) => one.queryid === queryid && one.database === database);
  return (
    <section aria-labelledby="query-plans">
      <h3 id="query-plans">
        <Trans i18nKey="query.plans">Plans</Trans>
      </h3>
      {answer.data?.enabled === false ? (
        <p>
          <Trans i18nKey="query.plans-off">No data: plans are not asked for (plans.enabled in submilli.yml).</Trans>
        </p>
      ) : null}
      {answer.data?.enabled === true && found === undefined ? (
        <p>
          <Trans i18nKey="query.no-plans">No data: it is not among the statements with the most time.</Trans>
        </p>
      ) : null}
      {found?.reason ? <p>{`${found.reason.detail}. ${found.reason.remedy ?? ''}`}</p> : null}
      <ul className={styles.findings}>
        {found?.findings.map(({ kind, table, detail }) => (
          <li key={`${kind} ${table ?? ''}`}>
            <Badge color="orange" text={kind.replaceAll('_', ' ')} /> {table} {detail}
          </li>
        ))}
      </ul>
      {found?.periods.map((period) => (
        <Period key={`${period.shape} ${period.firstSeen}`} period={period} />
      ))}
    </section>
  );
};

type PlanPeriod = PlansAnswer['statements'][number]['periods'][number];

const Period = ({ period }: { readonly period: PlanPeriod }) => {
  const { tables, indexes } = readBy(period.outline ?? '');
  const unknown = t('query.plan-not-kept', 'not known: only the latest plans are kept whole');
  const list = (names: readonly string[], none: string): string =>
    period.outline === null ? unknown : names.length === 0 ? none : names.join(', ');
  return (
    <>
      <Facts
        facts={[
          [t('query.plan-tables', 'Tables it reads'), list(tables, NOTHING)],
          [t('query.plan-indexes', 'Indexes it uses'), list(indexes, t('query.plan-no-index', 'none'))],
          [t('query.plan-shape', 'Shape'), period.shape],
          [t('query.plan-since', 'From'), dateTimeFormat(period.firstSeen)],
          [t('query.plan-until', 'To'), dateTimeFormat(period.lastSeen)],
          [t('query.plan-cost', 'Cost'), count(period.cost)],
          [t('query.plan-mean', 'Mean while it held'), seconds(period.meanSeconds)],
          [t('query.plan-blocks', 'Blocks per call'), count(period.blocksPerCall)],
        ]}
      />
      {period.outline === null ? null : <Copyable text={period.outline} label={t('query.plan', 'Plan')} />}
    </>
  );
};

const Concerning = ({ target, queryid }: Which) => {
  const link = useLinks();
  const { now } = useAdvice();
  const found = now.filter((one) => one.target === target && concerns(one, queryid));
  return (
    <section aria-labelledby="query-advice">
      <h3 id="query-advice">
        <Trans i18nKey="query.advice">Advice that concerns it</Trans>
      </h3>
      {found.length === 0 ? (
        <p>
          <Trans i18nKey="query.no-advice">None.</Trans>
        </p>
      ) : (
        <RecommendationList
          groups={groupAdvice(found, 'none')}
          linkOf={(one) => link(`advice/${one.exporter}/${one.id}`)}
        />
      )}
    </section>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  title: css({ ...theme.typography.h3, margin: 0, overflowWrap: 'anywhere' }),
  findings: css({ listStyle: 'none' }),
});

export const QueryPage = definePage<ChartName>({
  charts,
  Content,
  params: { database: 'statement_database', queryid: 'statement_queryid' },
});
