import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Badge, Field, Input, TextLink, useStyles2 } from '@grafana/ui';
import { useLinks } from '../../app/links';
import { type ContentProps, definePage } from '../../app/page';
import { useUrlValue } from '../../app/url-value';
import type { View } from '../../app/about';
import { Choice } from '../../components/Choice';
import { type Column, DataTable } from '../../components/DataTable';
import { bytes, count, percent, seconds, times } from '../../components/format';
import { Sparkline } from '../../components/Sparkline';
import { Filters } from '../../components/Layout';
import { Empty, isAnyTrouble, Loading, Troubles } from '../../components/states';
import { filterStatements, ioBytes, type Statement } from '../../domain/statements';
import { seriesOf } from '../../prometheus/query';
import { statementTrends } from '../../prometheus/questions';
import { usePrometheus } from '../../prometheus/use-prometheus';
import { pathOf } from './paths';
import { useStatements } from './use-statements';

const Content = ({ view }: ContentProps<never>) => {
  const styles = useStyles2(stylesOf);
  const link = useLinks();
  const { statements, windowSeconds, loading, answers } = useStatements();
  const [sort, setSort] = useUrlValue('sort', '-time');
  const [type, setType] = useUrlValue('type');
  const [text, setText] = useUrlValue('text', '', { replace: true });
  const lines = useSparklines(view);
  const found = filterStatements(statements, { type, database: view.database, text });
  const types = [...new Set(statements.map(({ queryType }) => queryType))].sort();
  const columns = columnsOf({
    linkOf: (one) => link(`queries/${pathOf(one)}`),
    lineOf: (one) => lines.get(`${one.queryid} ${one.database}`),
  });

  return (
    <>
      <Troubles answers={answers} needed />
      <Filters>
        <Choice
          label={t('queries.type', 'Type')}
          value={type}
          onChange={setType}
          options={types.map((value) => ({ value, label: value }))}
        />
        <Field label={t('queries.text', 'Words')} noMargin>
          <Input id="queries-text" value={text} onChange={({ currentTarget }) => setText(currentTarget.value)} />
        </Field>
        <p className={styles.quiet}>
          <Trans i18nKey="queries.window" values={{ window: seconds(windowSeconds) }}>
            Executor time of the last {'{{window}}'} by pg_stat_statements, commit not included. Sparklines: mean time
            per call over the page’s time.
          </Trans>
        </p>
      </Filters>
      {loading && statements.length === 0 ? <Loading lines={8} /> : null}
      {!loading && found.length === 0 && (statements.length > 0 || !isAnyTrouble(answers)) ? (
        <NoStatements any={statements.length > 0} />
      ) : null}
      {found.length === 0 ? null : (
        <DataTable
          label={t('queries.table', 'Statements')}
          columns={columns}
          rows={found}
          keyOf={(one) => `${one.target} ${one.database} ${one.queryid}`}
          sort={sort}
          onSort={setSort}
        />
      )}
    </>
  );
};

/** Mean time per call over the page's time, of the statements that are shown by themselves. */
const useSparklines = (view: View): ReadonlyMap<string, readonly number[]> => {
  const { frames } = usePrometheus(statementTrends(view), view, true);
  return new Map(
    seriesOf(frames?.get('mean') ?? []).map(({ labels, values }) => [
      `${labels.queryid ?? ''} ${labels.database ?? ''}`,
      values,
    ]),
  );
};

type Cells = {
  readonly linkOf: (one: Statement) => string;
  readonly lineOf: (one: Statement) => readonly number[] | undefined;
};

const columnsOf = ({ linkOf, lineOf }: Cells): readonly Column<Statement>[] => [
  {
    ...{ id: 'statement', name: t('queries.statement', 'Statement'), value: (one) => one.query ?? one.queryid },
    cell: (one) => <StatementCell statement={one} href={linkOf(one)} />,
  },
  {
    ...{ id: 'mean-line', name: t('queries.trend', 'Trend') },
    cell: (one) => (
      <Sparkline
        values={lineOf(one) ?? []}
        label={t('queries.trend-of', 'Mean time of {{queryid}} over time', { queryid: one.queryid })}
      />
    ),
  },
  {
    ...{ id: 'time', name: t('queries.time', 'Total time'), numeric: true, value: (one) => one.totalSeconds },
    cell: (one) => `${seconds(one.totalSeconds)} (${percent(one.timeShare)})`,
  },
  {
    ...{ id: 'mean', name: t('queries.mean', 'Mean'), numeric: true, value: (one) => one.meanSeconds },
    cell: (one) => seconds(one.meanSeconds),
  },
  {
    ...{ id: 'calls', name: t('queries.calls', 'Calls'), numeric: true, value: (one) => one.calls },
    cell: (one) => count(one.calls),
  },
  {
    ...{ id: 'rows', name: t('queries.rows', 'Rows'), numeric: true, value: (one) => one.rows },
    cell: (one) => count(one.rows),
  },
  { ...{ id: 'io', name: t('queries.io', 'I/O'), numeric: true, value: ioBytes }, cell: (one) => bytes(ioBytes(one)) },
  {
    ...{ id: 'wal', name: t('queries.wal', 'WAL'), numeric: true, value: (one) => one.wal.bytes },
    cell: (one) => bytes(one.wal.bytes),
  },
  {
    ...{
      id: 'regression',
      name: t('queries.usual', 'Against usual'),
      numeric: true,
      value: (one) => one.baseline?.ratio ?? null,
    },
    cell: (one) => (
      <>
        {times(one.baseline?.ratio)}{' '}
        {one.baseline?.regressedSince ? <Badge color="red" text={t('queries.regressed', 'slower')} /> : null}
      </>
    ),
  },
];

const StatementCell = ({ statement, href }: { readonly statement: Statement; readonly href: string }) => {
  const styles = useStyles2(stylesOf);
  const { query, queryid, database, target, queryType } = statement;
  return (
    <div className={styles.statement}>
      <TextLink href={href} inline={false} variant="bodySmall">
        {query === null ? queryid : short(query)}
      </TextLink>
      <span className={styles.quiet}>
        {queryType} · {database} · {target}
      </span>
    </div>
  );
};

const LONGEST = 140;
const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const NoStatements = ({ any }: { readonly any: boolean }) => (
  <Empty
    title={
      any ? t('queries.none-shown', 'Nothing is left with these filters') : t('queries.none', 'No statements were seen')
    }
  >
    {any ? null : (
      <p>
        <Trans i18nKey="queries.none-hint">
          They come from pg_stat_statements: it has to be in shared_preload_libraries, and the extension created in the
          database that the exporter connects to.
        </Trans>
      </p>
    )}
  </Empty>
);

const stylesOf = (theme: GrafanaTheme2) => ({
  statement: css({
    display: 'grid',
    minWidth: theme.spacing(30),
    maxWidth: theme.spacing(80),
    overflowWrap: 'anywhere',
  }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize, margin: 0 }),
});

export const QueriesPage = definePage<never>({ charts: () => ({}), Content });
