import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Badge, useStyles2, useTheme2 } from '@grafana/ui';
import { useMemo } from 'react';
import type { View } from '../../app/about';
import { Card } from '../../components/Card';
import { type Column, DataTable } from '../../components/DataTable';
import { count, NOTHING, seconds } from '../../components/format';
import { colorOf } from '../../components/latency/colors';
import { Before, boundsOf } from '../../components/latency/TargetsTable';
import { Failed, Loading } from '../../components/states';
import { type Estimate, type Histogram, quantileOf, totalOf } from '../../domain/latency/histogram';
import { howOf, placeOf, type Stage, stages } from '../../domain/latency/stages';
import { reasonOf } from '../../prometheus/use-prometheus';
import { type Baseline, baselineWord } from './baseline';
import { absentBecause, confidenceWord, howWord, placeWord, stageWord } from './stage-words';
import { useStages } from './use-stages';

type Row = {
  readonly stage: Stage;
  readonly observed: number;
  readonly p50: Estimate | null;
  readonly p99: Estimate | null;
  readonly before: Estimate | null;
  /** Of the longest P99 in the table, 0 to 1. */
  readonly share: number;
};

const rowsOf = (now: ReadonlyMap<Stage, Histogram>, then: ReadonlyMap<Stage, Histogram>): readonly Row[] => {
  const quantile = (histograms: ReadonlyMap<Stage, Histogram>, stage: Stage, q: number): Estimate | null => {
    const histogram = histograms.get(stage);
    return histogram === undefined ? null : quantileOf(histogram, q);
  };
  const rows = stages.map((stage) => ({
    ...{ stage, p50: quantile(now, stage, 0.5), p99: quantile(now, stage, 0.99), before: quantile(then, stage, 0.99) },
    observed: totalOf(now.get(stage) ?? { bounds: [], counts: [] }),
  }));
  const longest = Math.max(0, ...rows.map(({ p99 }) => p99?.seconds ?? 0));
  return rows.map((row) => ({ ...row, share: longest > 0 ? (row.p99?.seconds ?? 0) / longest : 0 }));
};

/** Server, pool and client side by side. They overlap (the client's time holds the others), so they are never summed. */
export const WhereCard = ({ view, baseline }: { readonly view: View; readonly baseline: Baseline }) => {
  const styles = useStyles2(stylesOf);
  const { now, then, problem, loading, again } = useStages(view, baseline);
  const rows = useMemo(() => rowsOf(now, then), [now, then]);
  return (
    <Card title={t('latency.where', 'Where the time goes')}>
      {problem === undefined ? null : (
        <Failed title={t('latency.failed', 'Prometheus gives no answer')} detail={reasonOf(problem)} again={again} />
      )}
      {loading ? <Loading lines={6} /> : null}
      {loading || problem !== undefined ? null : (
        <>
          <p className={styles.quiet}>
            <Trans i18nKey="latency.where-hint">
              Each line is measured by itself. A client’s time holds the pool’s and the server’s, and what the network
              and both protocols take: what is long below and short above is lost on the way.
            </Trans>
          </p>
          <DataTable
            label={t('latency.where', 'Where the time goes')}
            columns={columnsOf(baseline)}
            rows={rows}
            keyOf={({ stage }) => stage}
            sort=""
            onSort={() => undefined}
          />
        </>
      )}
    </Card>
  );
};

const columnsOf = (baseline: Baseline): readonly Column<Row>[] => [
  { ...{ id: 'place', name: t('latency.stage.place', 'Measured') }, cell: ({ stage }) => placeWord(placeOf(stage)) },
  { ...{ id: 'stage', name: t('latency.stage.what', 'What') }, cell: ({ stage }) => stageWord(stage) },
  { ...{ id: 'p50', name: 'P50', numeric: true }, cell: ({ p50 }) => (p50 === null ? NOTHING : seconds(p50.seconds)) },
  { ...{ id: 'p99', name: 'P99', numeric: true }, cell: P99Cell },
  { ...{ id: 'bar', name: '' }, cell: ({ share, p99 }) => (p99 === null ? null : <ShareBar share={share} />) },
  {
    ...{ id: 'before', name: t('latency.stage.before', 'P99, {{baseline}}', { baseline: baselineWord(baseline) }) },
    cell: ({ p99, before }) => <Before value={p99} before={before} />,
  },
  { ...{ id: 'source', name: t('latency.stage.source', 'Source and confidence') }, cell: SourceCell },
];

const P99Cell = ({ p99 }: Row) => {
  const styles = useStyles2(stylesOf);
  if (p99 === null) return NOTHING;
  return (
    <>
      <strong>{seconds(p99.seconds)}</strong>
      <br />
      <span className={styles.quiet}>{boundsOf(p99)}</span>
    </>
  );
};

/** The number stands beside it. */
const ShareBar = ({ share }: { readonly share: number }) => {
  const styles = useStyles2(stylesOf);
  const theme = useTheme2();
  return (
    <span className={styles.track} aria-hidden>
      <span className={styles.bar} style={{ width: `${share * 100}%`, background: colorOf(0.99, theme) }} />
    </span>
  );
};

const SourceCell = ({ stage, observed, p99 }: Row) => {
  const styles = useStyles2(stylesOf);
  if (p99 === null) {
    return (
      <span className={styles.absent}>
        {t('latency.stage.absent', 'No data:')} {absentBecause(stage)}
      </span>
    );
  }
  const word = confidenceWord(observed, p99);
  return (
    <span className={styles.source}>
      {howWord(howOf(stage))} <Badge color={word.color} text={word.text} />{' '}
      <span className={styles.quiet}>
        {t('latency.stage.observed', '{{observed}} observed', { observed: count(Math.round(observed)) })}
      </span>
    </span>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  absent: css({
    ...{ display: 'block', minWidth: theme.spacing(32) },
    ...{ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize },
  }),
  source: css({
    minWidth: theme.spacing(32),
    display: 'inline-flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0.5),
    alignItems: 'center',
  }),
  track: css({ display: 'block', width: theme.spacing(16), height: theme.spacing(1), marginTop: theme.spacing(0.75) }),
  bar: css({ display: 'block', height: '100%', minWidth: 1, borderRadius: theme.shape.radius.default }),
});
