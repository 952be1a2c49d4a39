import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Field, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { type ContentProps, definePage } from '../../app/page';
import { useSettings } from '../../app/settings-context';
import { Chart, timeseries } from '../../components/Chart';
import { seconds } from '../../components/format';
import { ChartGrid } from '../../components/Layout';
import { Troubles } from '../../components/states';
import { targetsOr } from '../../domain/latency/targets';
import { latencyCharts } from '../../prometheus/questions';
import { baselines, baselineWord, useBaseline } from './baseline';
import { DistributionCard } from './DistributionCard';
import { QuantilesCard } from './QuantilesCard';
import { TailCard } from './TailCard';
import { useTail } from './use-tail';
import { WhereCard } from './WhereCard';

type ChartName = 'server' | 'commit' | 'pool' | 'client';

const charts = (uid: string) => {
  const chart = (title: string, description: string, lines: readonly { expr: string; legend: string }[]) =>
    timeseries(uid, { title, description, lines, unit: 's', min: 0 });
  return {
    server: chart(
      'On the server',
      'Statements by type, from the first to the last row: the highest quantile that enough samples stand behind. Source: see the table.',
      [{ expr: latencyCharts.server, legend: '{{query_type}} P99' }],
    ),
    commit: chart(
      'Commit',
      'What a COMMIT takes until it is durable, here and on synchronous standbys, by the server’s log and by the canary.',
      [{ expr: latencyCharts.commit, legend: 'P99 by {{source}}' }],
    ),
    pool: chart(
      'Waiting in the pool',
      'How long clients waited in PgBouncer for a server connection; and what the probe’s first statement through the pool took.',
      [
        { expr: latencyCharts.waitP50, legend: 'waits that were seen P50' },
        { expr: latencyCharts.waitP99, legend: 'waits that were seen P99' },
        { expr: latencyCharts.acquireP50, legend: 'acquisition P50' },
        { expr: latencyCharts.acquireP99, legend: 'acquisition P99' },
      ],
    ),
    client: chart(
      'As a client sees it',
      'The canary’s small transaction on an open loop: through the pool, and directly.',
      [{ expr: latencyCharts.client, legend: '{{operation}} {{path}} P99' }],
    ),
  };
};

const Content = ({ view, charts: panels }: ContentProps<ChartName>) => {
  const styles = useStyles2(stylesOf);
  const tail = useTail(view.database);
  const [baseline, setBaseline] = useBaseline();
  const { targets: chosen } = useSettings();
  const targets = useMemo(() => targetsOr(chosen), [chosen]);
  const shared = { view, baseline, targets };
  return (
    <>
      <Troubles answers={tail.answers} needed />
      <Field label={t('latency.compare', 'Compare with')} noMargin>
        <RadioButtonGroup
          value={baseline}
          onChange={setBaseline}
          options={baselines.map((value) => ({ value, label: baselineWord(value) }))}
        />
      </Field>
      <DistributionCard {...shared} />
      <TailCard {...tail} />
      <QuantilesCard {...shared} {...tail} />
      <WhereCard {...shared} />
      <h2 className={styles.title}>
        <Trans i18nKey="latency.over-time">The same over time</Trans>
      </h2>
      <ChartGrid>
        {(['server', 'commit', 'pool', 'client'] as const).map((name) => (
          <Chart key={name} panel={panels[name]} height={230} />
        ))}
      </ChartGrid>
      <LogFacts log={tail.log} />
    </>
  );
};

type Tail = ReturnType<typeof useTail>;

/** What the figures by the log rest on. */
const LogFacts = ({ log }: Pick<Tail, 'log'>) => {
  const styles = useStyles2(stylesOf);
  if (log === null) return null;
  const threshold = log.thresholdSeconds;
  return (
    <p className={styles.quiet} data-testid="log-facts">
      {threshold === null
        ? t('latency.log-no-tail', 'The server logs no statement for its duration alone;')
        : t('latency.log-tail', 'The server logs every statement from {{threshold}} on,', {
            threshold: seconds(threshold),
          })}{' '}
      {t('latency.log-rate', 'and {{rate}} % of the others.', { rate: Number((log.sampleRate * 100).toPrecision(3)) })}{' '}
      {log.skippedBytes > 0
        ? t('latency.log-skipped', 'A part of the log could not be read in time; it is not in these figures.')
        : null}
    </p>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  title: css({ ...theme.typography.h4, margin: 0 }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize, margin: 0 }),
});

export const LatencyPage = definePage<ChartName>({ charts, Content });
