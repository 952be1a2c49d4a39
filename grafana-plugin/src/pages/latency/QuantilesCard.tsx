import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Badge, useStyles2 } from '@grafana/ui';
import { useUrlValue } from '../../app/url-value';
import type { View } from '../../app/about';
import { Card } from '../../components/Card';
import { formatBounds } from '../../components/charts/format';
import { type Column, DataTable } from '../../components/DataTable';
import { count, NOTHING, seconds } from '../../components/format';
import { VerdictWord } from '../../components/latency/TargetsTable';
import { Empty, Loading } from '../../components/states';
import { asEstimate, type OfType, type TypeLatency, typesOf } from '../../domain/latency/sources';
import { quantileName, targetOf, type Target, verdictOf } from '../../domain/latency/targets';
import { latestOf } from '../../prometheus/query';
import { quantilesThen } from '../../prometheus/questions';
import { usePrometheus } from '../../prometheus/use-prometheus';
import { type Baseline, baselineWord, before } from './baseline';

type Props = {
  readonly view: View;
  readonly baseline: Baseline;
  readonly targets: readonly Target[];
  readonly types: readonly OfType[];
  readonly windowSeconds: number;
  readonly loading: boolean;
  readonly isSilent: boolean;
};

/** Each kind of statement by its best source, as the exporter knows it: the last minutes, with 95 % bounds. */
export const QuantilesCard = ({ view, baseline, targets, types, windowSeconds, loading, isSilent }: Props) => {
  const styles = useStyles2(stylesOf);
  const [sort, setSort] = useUrlValue('sort', '-statements');
  const earlier = useEarlier(view, baseline);
  const rows = typesOf(types, view.database);
  const title = t('latency.quantiles', 'Quantiles by type, against targets');
  return (
    <Card title={title}>
      {loading && rows.length === 0 ? <Loading lines={5} /> : null}
      {isSilent && !loading ? <p>{t('latency.silent', 'No data: the query exporter can’t be asked.')}</p> : null}
      {!loading && !isSilent && rows.length === 0 ? (
        <Empty title={t('latency.no-types', 'The query exporter knows no latency')}>
          <Trans i18nKey="latency.no-types-hint">
            It reads the server’s log, or models reads from the statistics of pg_stat_statements: neither says anything.
          </Trans>
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <>
          <DataTable
            {...{ label: title, rows, sort, columns: columnsOf(targets, earlier) }}
            keyOf={({ target, database, queryType }) => `${target} ${database} ${queryType}`}
            onSort={setSort}
          />
          <p className={styles.quiet}>
            {t(
              'latency.legend',
              'Over the last {{window}}, whatever time is shown above. Below each value its 95 % bounds, and {{baseline}} where Prometheus knows it. A quantile is told only if enough samples stand behind it; an estimate is modelled from means, of reads alone, and never holds a commit.',
              { window: seconds(windowSeconds), baseline: baselineWord(baseline) },
            )}
          </p>
        </>
      )}
    </Card>
  );
};

type Earlier = (type: TypeLatency, quantile: number) => number | undefined;

const columnsOf = (targets: readonly Target[], earlier: Earlier): readonly Column<TypeLatency>[] => [
  {
    ...{ id: 'type', name: t('latency.type', 'Type'), value: ({ queryType }) => queryType },
    cell: ({ queryType }) => queryType,
  },
  {
    ...{ id: 'database', name: t('latency.database', 'Database'), value: ({ database }) => database },
    cell: ({ database }) => database,
  },
  {
    ...{ id: 'target', name: t('latency.on', 'On'), value: ({ target }) => target },
    cell: ({ target }) => target,
  },
  { ...{ id: 'source', name: t('latency.source', 'Source') }, cell: SourceCell },
  {
    ...{ id: 'statements', name: t('latency.calls', 'Calls'), numeric: true, value: (one) => one.statements ?? null },
    cell: ({ statements }) => count(statements),
  },
  ...targets.map(({ quantile }): Column<TypeLatency> => ({
    ...{ id: quantileName(quantile), name: quantileName(quantile), numeric: true },
    value: (one) => toldOf(one, quantile)?.seconds ?? null,
    cell: (one) => <QuantileCell {...{ quantile, targets }} type={one} before={earlier(one, quantile)} />,
  })),
];

const toldOf = ({ quantiles }: TypeLatency, quantile: number) => quantiles.find((one) => one.quantile === quantile);

const SourceCell = ({ source, samples, tailComplete }: TypeLatency) =>
  source === 'log' ? (
    <>
      {t('latency.log', 'log, {{lines}} lines', { lines: count(samples) })}{' '}
      {tailComplete ? (
        <Badge color="green" text={t('latency.tail-complete', 'tail complete')} />
      ) : (
        <Badge color="orange" text={t('latency.sampled-tail', 'tail sampled')} />
      )}
    </>
  ) : (
    <Badge color="darkgrey" text={t('latency.estimate', 'estimate')} />
  );

type CellProps = {
  readonly type: TypeLatency;
  readonly quantile: number;
  readonly targets: readonly Target[];
  readonly before: number | undefined;
};

const QuantileCell = ({ type, quantile, targets, before: earlier }: CellProps) => {
  const styles = useStyles2(stylesOf);
  const told = toldOf(type, quantile);
  if (told === undefined) return NOTHING;
  const target = targetOf(targets, quantile);
  const verdict = verdictOf(asEstimate(told), target);
  return (
    <>
      <strong>{seconds(told.seconds)}</strong>
      <br />
      {verdict === 'met' || verdict === 'free' ? null : (
        <>
          <VerdictWord verdict={verdict} />
          <br />
        </>
      )}
      <span className={styles.quiet}>
        {told.low === undefined || told.high === undefined ? null : formatBounds(told.low, told.high)}
        {earlier === undefined ? null : (
          <>
            <br />
            {t('latency.before', 'before {{value}}', { value: seconds(earlier) })}
          </>
        )}
      </span>
    </>
  );
};

/** The same quantiles at the end of the time that is compared with. */
const useEarlier = (view: View, baseline: Baseline): Earlier => {
  const earlier = before(view, baseline);
  const { frames } = usePrometheus(quantilesThen(earlier), earlier);
  const values = new Map(
    latestOf(frames?.get('before') ?? []).map(({ labels, value }) => [
      `${labels.target ?? ''} ${labels.database ?? ''} ${labels.query_type ?? ''} ${labels.source ?? ''} ${Number(labels.quantile)}`,
      value,
    ]),
  );
  return ({ target, database, queryType, source }, quantile) =>
    values.get(`${target} ${database} ${queryType} ${source} ${quantile}`);
};

const stylesOf = (theme: GrafanaTheme2) => ({
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
