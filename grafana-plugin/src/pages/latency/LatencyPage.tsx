import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Badge, TextLink, useStyles2 } from '@grafana/ui';
import type { LatencyAnswer } from '@submilli/api/latency';
import { useLinks } from '../../app/links';
import { type ContentProps, definePage } from '../../app/page';
import { useUrlValue } from '../../app/url-value';
import { matchers, OF_CLUSTER, OF_DATABASE, type View } from '../../app/view';
import { Card } from '../../components/Card';
import { Chart, timeseries } from '../../components/Chart';
import { Choice } from '../../components/Choice';
import { type Column, DataTable } from '../../components/DataTable';
import { count, NOTHING, percent, seconds } from '../../components/format';
import { LatencyHeatmap, summaryOf } from '../../components/latency/LatencyHeatmap';
import { Measured } from '../../components/Measured';
import { Empty, Failed, Loading, Troubles } from '../../components/states';
import { type Bucket, heatOf } from '../../domain/heatmap';
import { quantileName, targetOf, targets } from '../../domain/latency';
import { latestOf, seriesOf } from '../../prometheus/query';
import { usePrometheus } from '../../prometheus/use-prometheus';
import { pathOf } from '../queries/paths';
import { useTail } from './use-tail';

type ChartName = 'server' | 'commit' | 'pool' | 'client';

const charts = (uid: string) => {
  const quantiles = (metric: string, of: string) =>
    [0.5, 0.99].map((q) => ({
      expr: `histogram_quantile(${q}, sum by (le) (rate(${metric}{${of}}[$__rate_interval])))`,
      legend: quantileName(q),
    }));
  const chart = (title: string, description: string, lines: readonly { expr: string; legend: string }[]) =>
    timeseries(uid, { title, description, lines, unit: 's', min: 0 });
  return {
    server: chart(
      'On the server',
      'Statements by type, from the first to the last row: the highest quantile that enough samples stand behind. Source: see the table.',
      [
        {
          expr: `max by (query_type) (db_query_duration_seconds{${OF_DATABASE}, quantile="0.99"})`,
          legend: '{{query_type}} P99',
        },
      ],
    ),
    commit: chart(
      'Commit',
      'What a COMMIT takes until it is durable, here and on synchronous standbys, by the server’s log and by the canary.',
      [
        {
          expr: `histogram_quantile(0.99, sum by (le, source) (rate(db_commit_duration_seconds_bucket{${OF_DATABASE}}[$__rate_interval])))`,
          legend: 'P99 by {{source}}',
        },
      ],
    ),
    pool: chart(
      'Waiting in the pool',
      'How long clients waited in PgBouncer for a server connection; and what the probe’s first statement through the pool took.',
      [
        ...quantiles('db_pool_queue_wait_seconds_bucket', OF_DATABASE).map((one) => ({
          ...one,
          legend: `waits that were seen ${one.legend}`,
        })),
        ...quantiles('db_pool_acquire_seconds_bucket', OF_CLUSTER).map((one) => ({
          ...one,
          legend: `acquisition ${one.legend}`,
        })),
      ],
    ),
    client: chart(
      'As a client sees it',
      'The canary’s small transaction on an open loop: through the pool, and directly.',
      [
        {
          expr: `histogram_quantile(0.99, sum by (le, path, operation) (rate(db_canary_duration_seconds_bucket{${OF_CLUSTER}}[$__rate_interval])))`,
          legend: '{{operation}} {{path}} P99',
        },
      ],
    ),
  };
};

const Content = ({ view, charts: panels }: ContentProps<ChartName>) => {
  const styles = useStyles2(stylesOf);
  const tail = useTail(view.database);
  return (
    <div className={styles.page}>
      <Troubles answers={tail.answers.filter(({ problem }) => problem?.kind !== 'down')} />
      <HeatCard view={view} />
      <Quantiles view={view} {...tail} />
      <h2 className={styles.title}>
        <Trans i18nKey="latency.where">Where the time goes</Trans>
      </h2>
      <div className={styles.charts}>
        {(['server', 'commit', 'pool', 'client'] as const).map((name) => (
          <Chart key={name} panel={panels[name]} height={230} />
        ))}
      </div>
      <TailCard {...tail} />
    </div>
  );
};

const HeatCard = ({ view }: { readonly view: View }) => {
  const [type, setType] = useUrlValue('type');
  const of = matchers(view, [
    'phase=~"execute|simple"',
    ...(type === '' ? [] : [`query_type=${JSON.stringify(type)}`]),
  ]);
  const span = `${Math.max(15, Math.round((view.to - view.from) / 60_000))}s`;
  const { frames, problem, loading, again } = usePrometheus(
    { heat: `sum by (le) (increase(db_query_latency_seconds_bucket{${of}}[${span}]))` },
    view,
    true,
  );
  const types = usePrometheus(
    { types: `count by (query_type) (db_query_latency_seconds_count{${matchers(view)}})` },
    view,
  );
  const names = latestOf(types.frames?.get('types') ?? []).map(({ labels }) => labels.query_type ?? '');
  const heat = heatOf(
    seriesOf(frames?.get('heat') ?? []).map(({ labels, ...one }): Bucket => ({
      ...one,
      le: labels.le === '+Inf' ? Infinity : Number(labels.le),
    })),
  );
  return (
    <Card
      title={t('latency.heat', 'Distribution over time')}
      actions={
        <Choice
          label={t('latency.type', 'Type')}
          value={type}
          onChange={setType}
          options={[...names].sort().map((value) => ({ value, label: value }))}
        />
      }
    >
      {problem === undefined ? null : (
        <Failed title={t('latency.failed', 'Prometheus gives no answer')} detail={problem.message} again={again} />
      )}
      {loading ? <Loading lines={6} /> : null}
      {!loading && problem === undefined && heat.columns.length === 0 ? (
        <Empty title={t('latency.none', 'No durations in this time')}>
          <Trans i18nKey="latency.none-hint">
            They come from the server’s log: log_min_duration_statement for the tail, log_min_duration_sample and a rate
            for the rest. The advice log-sampling says which values fit your load.
          </Trans>
        </Empty>
      ) : null}
      {heat.columns.length === 0 ? null : (
        <>
          <Measured>{(width) => <LatencyHeatmap {...{ heat, width, targets }} height={280} />}</Measured>
          <p>{summaryOf(heat)}.</p>
        </>
      )}
    </Card>
  );
};

type Type = LatencyAnswer['types'][number];
type TailData = ReturnType<typeof useTail>;
const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999];

const Quantiles = ({ types, loading, view }: TailData & { readonly view: View }) => {
  const styles = useStyles2(stylesOf);
  const [sort, setSort] = useUrlValue('sort', 'type');
  const baseline = useBaseline(view);
  const columns: readonly Column<Type>[] = [
    {
      ...{ id: 'type', name: t('latency.type', 'Type'), value: ({ queryType }) => queryType },
      cell: ({ queryType }) => queryType,
    },
    {
      ...{ id: 'database', name: t('latency.database', 'Database'), value: ({ database }) => database },
      cell: ({ database }) => database,
    },
    { ...{ id: 'source', name: t('latency.source', 'Source') }, cell: SourceCell },
    {
      ...{ id: 'calls', name: t('latency.calls', 'Calls'), numeric: true, value: callsOf },
      cell: (one) => count(callsOf(one)),
    },
    ...QUANTILES.map((quantile): Column<Type> => ({
      ...{
        id: quantileName(quantile),
        name: quantileName(quantile),
        numeric: true,
        value: (one) => found(one, quantile)?.seconds ?? null,
      },
      cell: (one) => <QuantileCell type={one} quantile={quantile} before={baseline(one, quantile)} />,
    })),
  ];
  if (loading && types.length === 0) return <Loading lines={5} />;
  if (types.length === 0) return null;
  return (
    <Card title={t('latency.quantiles', 'Quantiles by type, against targets')}>
      <DataTable
        label={t('latency.quantiles', 'Quantiles by type, against targets')}
        {...{ columns, sort }}
        rows={types.filter((one) => callsOf(one) !== null)}
        keyOf={({ database, queryType }) => `${database} ${queryType}`}
        onSort={setSort}
      />
      <p className={styles.quiet}>
        <Trans i18nKey="latency.legend">
          Below each value: its 95 % bounds, and the day before at this time. A value is told only if enough samples
          stand behind it; an estimate is modelled from means, of reads alone, and never shows a commit.
        </Trans>
      </p>
    </Card>
  );
};

const callsOf = ({ log, estimate }: Type): number | null => log?.statements ?? estimate?.calls ?? null;

type Told = { readonly seconds: number; readonly low?: number; readonly high?: number };
const found = ({ log, estimate }: Type, quantile: number): Told | undefined =>
  log?.quantiles.find((one) => one.quantile === quantile) ??
  (log === null || log.quantiles.length === 0
    ? estimate?.quantiles.find((one) => one.quantile === quantile)
    : undefined);

const SourceCell = ({ log, estimate }: Type) => {
  if (log !== null && log.quantiles.length > 0) {
    return (
      <>
        {t('latency.log', 'log, {{lines}} lines', { lines: count(log.lines) })}{' '}
        {log.tailComplete ? null : <Badge color="orange" text={t('latency.sampled-tail', 'tail sampled')} />}
      </>
    );
  }
  return estimate === null ? NOTHING : <Badge color="darkgrey" text={t('latency.estimate', 'estimate')} />;
};

type CellProps = { readonly type: Type; readonly quantile: number; readonly before: number | undefined };

const QuantileCell = ({ type, quantile, before }: CellProps) => {
  const styles = useStyles2(stylesOf);
  const told = found(type, quantile);
  if (told === undefined) return NOTHING;
  const target = targetOf(quantile);
  const isLate = target !== undefined && told.seconds > target;
  return (
    <span title={target === undefined ? '' : t('latency.target', 'target {{target}}', { target: seconds(target) })}>
      <span className={isLate ? styles.late : styles.well}>
        {seconds(told.seconds)} {isLate ? t('latency.late', '▲ over target') : ''}
      </span>
      <br />
      <span className={styles.quiet}>
        {told.low === undefined || told.high === undefined ? '' : `${seconds(told.low)} – ${seconds(told.high)}`}
        {before === undefined ? '' : ` · ${t('latency.before', 'before {{value}}', { value: seconds(before) })}`}
      </span>
    </span>
  );
};

const DAY = 86_400_000;

/** The same a day ago, where Prometheus knows it. */
const useBaseline = (view: View): ((type: Type, quantile: number) => number | undefined) => {
  const span = { from: view.from - DAY, to: view.to - DAY };
  const { frames } = usePrometheus({ before: `db_query_duration_seconds{${matchers(view, ['quantile!=""'])}}` }, span);
  const values = new Map(
    latestOf(frames?.get('before') ?? []).map(({ labels, value }) => [
      `${labels.database ?? ''} ${labels.query_type ?? ''} ${labels.quantile ?? ''}`,
      value,
    ]),
  );
  return ({ database, queryType }, quantile) => values.get(`${database} ${queryType} ${quantile}`);
};

const TailCard = ({ line, shares, loading }: TailData) => {
  const link = useLinks();
  const styles = useStyles2(stylesOf);
  const [sort, setSort] = useUrlValue('tail', '-share');
  const columns: readonly Column<(typeof shares)[number]>[] = [
    {
      ...{ id: 'statement', name: t('latency.statement', 'Statement') },
      cell: ({ statement }) => (
        <TextLink href={link(`queries/${pathOf(statement)}`)} inline={false} variant="bodySmall">
          {statement.query ?? statement.queryid}
        </TextLink>
      ),
    },
    { ...{ id: 'type', name: t('latency.type', 'Type') }, cell: ({ statement }) => statement.queryType },
    {
      ...{ id: 'share', name: t('latency.share', 'Of the tail'), numeric: true, value: ({ share }) => share },
      cell: ({ share }) => percent(share),
    },
    {
      ...{ id: 'above', name: t('latency.above', 'Calls in it'), numeric: true, value: ({ above }) => above },
      cell: ({ above }) => count(above),
    },
  ];
  return (
    <Card title={t('latency.tail', 'Which statements make the tail')}>
      {loading ? <Loading lines={4} /> : null}
      {!loading && line === null ? (
        <p>{t('latency.no-tail', 'No data: no statement was logged often enough.')}</p>
      ) : null}
      {line === null ? null : (
        <>
          <p className={styles.quiet}>
            {t('latency.tail-hint', 'Calls that took longer than {{line}}, the P99 of all, by the server’s log.', {
              line: seconds(line),
            })}
          </p>
          <DataTable
            label={t('latency.tail', 'Which statements make the tail')}
            {...{ columns, sort }}
            rows={shares.slice(0, 10)}
            keyOf={({ statement }) => `${statement.target} ${statement.database} ${statement.queryid}`}
            onSort={setSort}
          />
        </>
      )}
    </Card>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ display: 'grid', gap: theme.spacing(2), width: '100%', minWidth: 0 }),
  title: css({ ...theme.typography.h4, margin: 0 }),
  charts: css({
    display: 'grid',
    gap: theme.spacing(1),
    gridTemplateColumns: `repeat(auto-fit, minmax(min(100%, ${theme.spacing(70)}), 1fr))`,
  }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  late: css({ color: theme.colors.error.text, fontWeight: theme.typography.fontWeightMedium }),
  well: css({ fontWeight: theme.typography.fontWeightMedium }),
});

export const LatencyPage = definePage<ChartName>({ charts, Content });
