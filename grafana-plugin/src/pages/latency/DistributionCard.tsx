import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { useUrlValue } from '../../app/url-value';
import type { View } from '../../app/about';
import { Card } from '../../components/Card';
import { Choice } from '../../components/Choice';
import { LatencyHeatmap } from '../../components/latency/LatencyHeatmap';
import { QuantileChart } from '../../components/latency/QuantileChart';
import { TargetsTable } from '../../components/latency/TargetsTable';
import { Measured } from '../../components/Measured';
import { Empty, Failed, Loading } from '../../components/states';
import { heatmapOf, quantileOver } from '../../domain/latency/heatmap';
import { type Histogram, quantileOf } from '../../domain/latency/histogram';
import type { Target } from '../../domain/latency/targets';
import { latestOf } from '../../prometheus/query';
import { distribution, distributionOverTime, queryTypes } from '../../prometheus/questions';
import { reasonOf, usePrometheus } from '../../prometheus/use-prometheus';
import { type Baseline, baselineWord, before } from './baseline';
import { bucketSeries, histogramsBy } from './histograms';

const LINES = [0.5, 0.99];
const HEIGHT = 280;

type Props = { readonly view: View; readonly baseline: Baseline; readonly targets: readonly Target[] };

/** All statements, or those of a kind: where their time falls, how that goes over time, and against what is promised. */
export const DistributionCard = ({ view, baseline, targets }: Props) => {
  const styles = useStyles2(stylesOf);
  const [type, setType] = useUrlValue('type');
  const found = useDistribution(view, baseline, type);
  const { heatmap } = found;
  const series = useMemo(
    () =>
      targets.map(({ quantile }) => ({
        quantile,
        values: quantileOver(heatmap, quantile).map((one) => one?.seconds ?? null),
      })),
    [heatmap, targets],
  );
  const chart = { targets, from: view.from, to: view.to, height: HEIGHT };
  return (
    <Card
      title={t('latency.distribution', 'Distribution over time')}
      actions={
        <Choice
          label={t('latency.type', 'Type')}
          value={type}
          onChange={setType}
          options={found.types.map((value) => ({ value, label: value }))}
        />
      }
    >
      {found.problem === undefined ? null : (
        <Failed
          title={t('latency.failed', 'Prometheus gives no answer')}
          detail={reasonOf(found.problem)}
          again={found.again}
        />
      )}
      {found.loading ? <Loading lines={6} /> : null}
      {!found.loading && found.problem === undefined && heatmap.times.length === 0 ? <Nothing /> : null}
      {heatmap.times.length === 0 ? null : (
        <div className={styles.parts}>
          <Measured>{(width) => <LatencyHeatmap {...chart} {...{ heatmap, width }} lines={LINES} />}</Measured>
          <Measured>{(width) => <QuantileChart {...chart} {...{ width, series }} times={heatmap.times} />}</Measured>
          <div
            className={styles.table}
            tabIndex={0}
            role="region"
            aria-label={t('latency.against-targets', 'Quantiles against targets')}
          >
            <TargetsTable
              targets={targets}
              values={targets.map(({ quantile }) => ({
                quantile,
                value: found.now === undefined ? null : quantileOf(found.now, quantile),
                before: found.before === undefined ? null : quantileOf(found.before, quantile),
              }))}
              caption={t(
                'latency.whole-time',
                'The whole time against {{baseline}}. Source: the server’s log, as a histogram; a value lies between the bounds of its bucket.',
                { baseline: baselineWord(baseline) },
              )}
            />
          </div>
        </div>
      )}
    </Card>
  );
};

const Nothing = () => (
  <Empty title={t('latency.none', 'No durations in this time')}>
    <Trans i18nKey="latency.none-hint">
      They come from the server’s log: log_min_duration_statement for the tail, log_min_duration_sample and a rate for
      the rest. The advice log-sampling says which values fit your load.
    </Trans>
  </Empty>
);

const useDistribution = (view: View, baseline: Baseline, type: string) => {
  const earlier = before(view, baseline);
  const over = usePrometheus(distributionOverTime(view, type), view, true);
  const now = usePrometheus({ ...distribution(view, type), ...queryTypes(view) }, view);
  const then = usePrometheus(distribution(earlier, type), earlier);
  const heat = over.frames?.get('heat');
  const heatmap = useMemo(() => heatmapOf(bucketSeries(heat ?? []), true), [heat]);
  const histogram = (frames: typeof now.frames): Histogram | undefined =>
    histogramsBy(frames?.get('whole') ?? [], () => '').get('');
  return {
    ...{ heatmap, now: histogram(now.frames), before: histogram(then.frames) },
    types: latestOf(now.frames?.get('types') ?? [])
      .map(({ labels }) => labels.query_type ?? '')
      .toSorted((a, b) => a.localeCompare(b)),
    ...{ problem: over.problem, loading: over.loading, again: over.again },
  };
};

const stylesOf = (theme: GrafanaTheme2) => ({
  parts: css({
    ...{ display: 'grid', gap: theme.spacing(2), gridTemplateColumns: 'minmax(0, 1fr)' },
    [theme.breakpoints.up('xl')]: { gridTemplateColumns: 'repeat(2, minmax(0, 1fr))' },
  }),
  table: css({ gridColumn: '1 / -1', overflowX: 'auto' }),
});
