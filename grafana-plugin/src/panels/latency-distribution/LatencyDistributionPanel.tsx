import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { LatencyHeatmap } from '../../components/latency/LatencyHeatmap';
import { QuantileChart } from '../../components/latency/QuantileChart';
import { TargetsTable } from '../../components/latency/TargetsTable';
import { parseTargets, type Target } from '../../domain/latency/targets';
import { PanelState } from '../shared/PanelState';
import { type Distribution, distributionOf, hasObservations, linesOf, timesOf, valuesOf } from './distribution';
import { DEFAULTS, type LatencyDistributionOptions } from './options';

/** Drawn over a heat map: enough to see the middle and the tail. */
const OVER_HEATMAP = [0.5, 0.99];

export const LatencyDistributionPanel = (props: PanelProps<LatencyDistributionOptions>) => {
  const { data, options, fieldConfig } = props;
  const distribution = useMemo(() => distributionOf(data.series, options.unit), [data.series, options.unit]);
  return (
    <PanelState
      {...{ data, fieldConfig, isEmpty: distribution === undefined || !hasObservations(distribution) }}
      emptyTitle={
        distribution === undefined
          ? t('panel.latency.empty', 'No histogram and no quantiles in this data')
          : t('panel.latency.nothing', 'Nothing was observed in this time')
      }
      hint={
        <Trans i18nKey="panel.latency.hint">
          Ask for buckets, as in sum by (le) (increase(db_query_latency_seconds_bucket[$__rate_interval])), or for
          quantiles, as in db_query_duration_seconds. Where the server’s log is not read there are none.
        </Trans>
      }
    >
      {() => (distribution === undefined ? null : <View {...props} distribution={distribution} />)}
    </PanelState>
  );
};

type ViewProps = PanelProps<LatencyDistributionOptions> & { readonly distribution: Distribution };

const View = ({ distribution, options, width, height, timeRange, timeZone }: ViewProps) => {
  const styles = useStyles2(stylesOf);
  const { targets, wrong } = useMemo(() => parseTargets(options.targets), [options.targets]);
  const quantiles = useMemo(() => toQuantiles(options.quantiles), [options.quantiles]);
  const [from, to] = [timeRange.from.valueOf(), timeRange.to.valueOf()];
  const chart = { targets, from, to, width, timeZone, height: wrong.length === 0 ? height : height - 24 };
  return (
    <div
      style={{ width, height }}
      className={styles.box}
      tabIndex={0}
      role="region"
      aria-label={t('panel.latency.label', 'Latency')}
    >
      {wrong.length === 0 ? null : (
        <p className={styles.wrong} role="alert">
          {t('panel.latency.wrong-targets', 'Not understood as a target: {{wrong}}', { wrong: wrong.join(', ') })}
        </p>
      )}
      <Drawn {...{ distribution, quantiles, chart }} view={viewOf(options.view, distribution)} />
    </div>
  );
};

const toQuantiles = (percents: readonly number[] | undefined): readonly number[] =>
  (percents ?? DEFAULTS.quantiles).map((percent) => Number((percent / 100).toPrecision(10)));

/** Quantiles have no heat map: what can't be drawn is drawn as lines. */
const viewOf = (
  view: LatencyDistributionOptions['view'],
  { kind }: Distribution,
): Exclude<LatencyDistributionOptions['view'], 'auto'> => {
  if (view === 'targets' || view === 'quantiles') return view;
  return kind === 'buckets' ? 'heatmap' : 'quantiles';
};

type DrawnProps = {
  readonly distribution: Distribution;
  readonly quantiles: readonly number[];
  readonly view: ReturnType<typeof viewOf>;
  readonly chart: {
    readonly targets: readonly Target[];
    readonly from: number;
    readonly to: number;
    readonly width: number;
    readonly height: number;
    readonly timeZone: string;
  };
};

const Drawn = ({ distribution, quantiles, view, chart }: DrawnProps) => {
  const lines = useMemo(() => linesOf(distribution, quantiles), [distribution, quantiles]);
  if (view === 'heatmap' && distribution.kind === 'buckets') {
    return <LatencyHeatmap {...chart} heatmap={distribution.heatmap} lines={OVER_HEATMAP} />;
  }
  if (view === 'targets') {
    return (
      <TargetsTable
        {...{ values: valuesOf(distribution, quantiles), targets: chart.targets }}
        caption={
          distribution.kind === 'buckets'
            ? t('panel.latency.caption-buckets', 'Over the whole time, by the bounds of the histogram’s buckets')
            : t('panel.latency.caption-quantiles', 'As of the last value')
        }
      />
    );
  }
  return (
    <QuantileChart
      {...chart}
      times={timesOf(distribution)}
      series={lines.map(({ quantile, values }) => ({ quantile, values: values.map((one) => one?.seconds ?? null) }))}
    />
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  box: css({ overflow: 'auto' }),
  wrong: css({ color: theme.colors.error.text, fontSize: theme.typography.bodySmall.fontSize, margin: 0 }),
});
