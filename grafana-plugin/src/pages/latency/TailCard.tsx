import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t } from '@grafana/i18n';
import { Badge, TextLink, useStyles2, useTheme2 } from '@grafana/ui';
import { useLinks } from '../../app/links';
import { useUrlValue } from '../../app/url-value';
import { Card } from '../../components/Card';
import { formatBounds } from '../../components/charts/format';
import { type Column, DataTable } from '../../components/DataTable';
import { count, NOTHING, percent, seconds, times } from '../../components/format';
import { colorOf } from '../../components/latency/colors';
import { Loading } from '../../components/states';
import { pathOf } from '../queries/paths';
import type { useTail } from './use-tail';

type Tail = ReturnType<typeof useTail>;
type Row = Tail['shares'][number];

const MOST = 10;

/** Whose calls the slowest hundredth is, the most first. */
export const TailCard = ({
  line,
  shares,
  loading,
  isSilent,
}: Pick<Tail, 'line' | 'shares' | 'loading' | 'isSilent'>) => {
  const styles = useStyles2(stylesOf);
  const [sort, setSort] = useUrlValue('tail', '-share');
  const title = t('latency.tail', 'Which statements make the tail');
  return (
    <Card title={title}>
      {loading && line === null ? <Loading lines={4} /> : null}
      {!loading && line === null ? (
        <p>
          {isSilent
            ? t('latency.silent', 'No data: the query exporter can’t be asked.')
            : t('latency.no-tail', 'No data: no statement was logged often enough.')}
        </p>
      ) : null}
      {line === null ? null : (
        <>
          <p className={styles.quiet}>
            {t(
              'latency.tail-hint',
              'Of the calls that took longer than {{line}}, the P99 of all, in the last minutes. Source: the server’s log.',
              { line: seconds(line) },
            )}
          </p>
          <DataTable
            {...{ label: title, sort, columns: columnsOf(), rows: shares.slice(0, MOST) }}
            keyOf={({ statement }) => `${statement.target} ${statement.database} ${statement.queryid}`}
            onSort={setSort}
          />
        </>
      )}
    </Card>
  );
};

const columnsOf = (): readonly Column<Row>[] => [
  { ...{ id: 'statement', name: t('latency.statement', 'Statement') }, cell: StatementCell },
  { ...{ id: 'type', name: t('latency.type', 'Type') }, cell: ({ statement }) => statement.queryType },
  {
    ...{ id: 'share', name: t('latency.share', 'Of the tail'), numeric: true, value: ({ share }) => share },
    cell: ({ share }) => <ShareCell share={share} />,
  },
  {
    ...{ id: 'above', name: t('latency.above', 'Calls in it'), numeric: true, value: ({ above }) => above },
    cell: ({ above }) => count(Math.round(above)),
  },
  {
    ...{ id: 'p99', name: 'P99', numeric: true, value: (one) => p99Of(one)?.seconds ?? null },
    cell: P99Cell,
  },
  {
    ...{ id: 'usual', name: t('latency.usual', 'Mean against its usual'), numeric: true },
    value: ({ statement }) => statement.baseline?.ratio ?? null,
    cell: UsualCell,
  },
];

const p99Of = ({ statement }: Row) => statement.log.quantiles.find(({ quantile }) => quantile === 0.99);

const StatementCell = ({ statement }: Row) => {
  const styles = useStyles2(stylesOf);
  const link = useLinks();
  return (
    <TextLink href={link(`queries/${pathOf(statement)}`)} inline={false} variant="bodySmall">
      <span className={styles.statement}>{statement.query ?? statement.queryid}</span>
    </TextLink>
  );
};

const ShareCell = ({ share }: { readonly share: number }) => {
  const styles = useStyles2(stylesOf);
  const theme = useTheme2();
  return (
    <span className={styles.share}>
      <span className={styles.track} aria-hidden>
        <span className={styles.bar} style={{ width: `${share * 100}%`, background: colorOf(0.99, theme) }} />
      </span>
      {percent(share)}
    </span>
  );
};

const P99Cell = (row: Row) => {
  const styles = useStyles2(stylesOf);
  const p99 = p99Of(row);
  if (p99 === undefined) return NOTHING;
  return (
    <>
      {seconds(p99.seconds)}
      <br />
      <span className={styles.quiet}>{formatBounds(p99.low, p99.high)}</span>
    </>
  );
};

const UsualCell = ({ statement: { baseline } }: Row) => {
  if (baseline === null) return <>{t('latency.no-usual', 'not watched long enough')}</>;
  return (
    <>
      {times(baseline.ratio)}{' '}
      {baseline.regressedSince === null ? null : <Badge color="red" text={t('latency.regressed', 'regressed')} />}
    </>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  statement: css({
    ...{ display: '-webkit-box', WebkitLineClamp: 2, WebkitBoxOrient: 'vertical', overflow: 'hidden' },
    ...{ overflowWrap: 'anywhere', minWidth: theme.spacing(24) },
  }),
  share: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(1) }),
  track: css({ width: theme.spacing(12), height: theme.spacing(1), display: 'block' }),
  bar: css({ display: 'block', height: '100%', marginLeft: 'auto', borderRadius: theme.shape.radius.default }),
});
