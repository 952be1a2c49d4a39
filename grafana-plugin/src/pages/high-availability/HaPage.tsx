import { t, Trans } from '@grafana/i18n';
import { type FailoversAnswer, failoversAnswer } from '@submilli/api/failovers';
import { type TopologyAnswer, topologyAnswer } from '@submilli/api/topology';
import { useTargets, useTargetsResource } from '../../api/use-exporters';
import { type ContentProps, definePage } from '../../app/page';
import { Card, Cards } from '../../components/Card';
import { Chart, timeseries } from '../../components/Chart';
import { ChartGrid } from '../../components/Layout';
import { Empty, Loading, Troubles } from '../../components/states';
import { haCharts } from '../../prometheus/questions';
import { BackupsCard } from './BackupsCard';
import { DrillsCard } from './DrillsCard';
import { FailoverList } from './FailoverList';
import { MemberTable } from './MemberTable';
import { ReadinessCard } from './ReadinessCard';
import { RecoveryCard } from './RecoveryCard';
import { StoreCard } from './StoreCard';
import { Warnings } from './Warnings';

type ChartName = 'lag' | 'roles' | 'ready' | 'writable';

const charts = (uid: string) => ({
  roles: timeseries(uid, {
    ...{ title: t('ha.leader-chart', 'Who was leader'), unit: 'none', min: 0, max: 1, decimals: 0 },
    description: t(
      'ha.leader-says',
      'One for the leader: where lines change places, there was a failover or switchover.',
    ),
    lines: [{ expr: haCharts.leader, legend: '{{member}}' }],
  }),
  ready: timeseries(uid, {
    ...{ title: t('ha.ready-chart', 'Readiness'), unit: 'percentunit', min: 0, max: 1, decimals: 0 },
    description: t('ha.ready-says', 'Whether a failover would have gone well: 0 % if there would have been none.'),
    lines: [{ expr: haCharts.ready, legend: t('ha.ready-line', 'ready') }],
  }),
  lag: timeseries(uid, {
    ...{ title: t('ha.lag-chart', 'Replay lag'), unit: 's', min: 0 },
    description: t('ha.lag-says', 'How long it takes until a standby has replayed recent WAL.'),
    lines: [{ expr: haCharts.lag, legend: '{{replica}}' }],
  }),
  writable: timeseries(uid, {
    ...{ title: t('ha.writable-chart', 'Servers that can be written to'), unit: 'none', min: 0, decimals: 0 },
    description: t('ha.writable-says', 'One is right. None is an outage for writers; two are a split brain.'),
    lines: [{ expr: haCharts.writable, legend: t('ha.writable-line', 'primaries') }],
  }),
});

const Content = ({ view, charts: panels }: ContentProps<ChartName>) => {
  const targets = useTargets('ha');
  const answers = useTargetsResource('ha', 'topology', topologyAnswer, targets.names);
  const failovers = useTargetsResource('ha', 'failovers', failoversAnswer, targets.names);
  const loading = targets.loading || answers.some((one) => one.loading);
  return (
    <>
      <Troubles answers={[targets, ...answers, ...failovers]} needed />
      {loading && answers.every(({ data }) => data === undefined) ? <Loading lines={6} /> : null}
      {!loading && answers.length === 0 && targets.problem === undefined ? (
        <Empty title={t('ha.none', 'No cluster is watched')}>
          <Trans i18nKey="ha.none-hint">The high availability exporter has no cluster in its configuration.</Trans>
        </Empty>
      ) : null}
      {answers.map(({ target, data }) =>
        data === undefined ? null : (
          <Cluster
            key={target}
            {...{ name: target, cluster: data }}
            history={failovers.find((one) => one.target === target)?.data}
          />
        ),
      )}
      <ChartGrid>
        <Chart panel={panels.roles} height={220} />
        <Chart panel={panels.writable} height={220} />
        <Chart panel={panels.ready} height={220} />
        <Chart panel={panels.lag} height={220} />
      </ChartGrid>
      <DrillsCard view={view} />
      <BackupsCard view={view} />
    </>
  );
};

type ClusterProps = {
  readonly name: string;
  readonly cluster: TopologyAnswer;
  readonly history: FailoversAnswer | undefined;
};

export const Cluster = ({ name, cluster, history }: ClusterProps) => (
  <>
    <Warnings {...{ name, cluster, history }} />
    <Card title={t('ha.topology', 'Topology of {{name}}', { name })}>
      <MemberTable members={cluster.members} />
    </Card>
    <Cards>
      <ReadinessCard readiness={cluster.readiness} />
      <RecoveryCard recovery={cluster.recovery} />
      {cluster.etcd === null ? null : <StoreCard store={cluster.etcd} />}
    </Cards>
    <Card title={t('ha.failovers', 'Failover history')}>
      <FailoverList failovers={history?.failovers ?? []} />
    </Card>
  </>
);

export const HaPage = definePage<ChartName>({ charts, Content });
