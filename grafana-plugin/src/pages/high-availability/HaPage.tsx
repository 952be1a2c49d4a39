import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Alert, Badge, useStyles2 } from '@grafana/ui';
import { type ClusterAnswer, clusterAnswerSchema } from '@submilli/api/cluster';
import { useTargets, useTargetsResource } from '../../api/use-exporters';
import { type ContentProps, definePage } from '../../app/page';
import { useUrlValue } from '../../app/url-value';
import type { View } from '../../app/about';
import { Card, Cards } from '../../components/Card';
import { Chart, timeseries } from '../../components/Chart';
import { type Column, DataTable } from '../../components/DataTable';
import { bytes, NOTHING, seconds } from '../../components/format';
import { ChartGrid } from '../../components/Layout';
import { Empty, Loading, Troubles } from '../../components/states';
import { latestOf } from '../../prometheus/query';
import { haCharts, syncStates } from '../../prometheus/questions';
import { usePrometheus } from '../../prometheus/use-prometheus';

type ChartName = 'lag' | 'roles';

const charts = (uid: string) => ({
  lag: timeseries(uid, {
    ...{ title: t('ha.lag-chart', 'Replay lag'), unit: 's', min: 0 },
    description: t('ha.lag-says', 'How long it takes until a standby has replayed recent WAL.'),
    lines: [{ expr: haCharts.lag, legend: '{{replica}}' }],
  }),
  roles: timeseries(uid, {
    ...{ title: t('ha.leader-chart', 'Who was leader'), unit: 'none', min: 0, max: 1, decimals: 0 },
    description: t(
      'ha.leader-says',
      'One for the leader: where lines change places, there was a failover or switchover.',
    ),
    lines: [{ expr: haCharts.leader, legend: '{{member}}' }],
  }),
});

type Member = ClusterAnswer['members'][number] & { readonly sync: string | null };

const Content = ({ view, charts: panels }: ContentProps<ChartName>) => {
  const targets = useTargets('ha');
  const answers = useTargetsResource('ha', 'cluster', clusterAnswerSchema, targets.names);
  const sync = useSyncStates(view);
  const loading = targets.loading || answers.some((one) => one.loading);
  return (
    <>
      <Troubles answers={[targets, ...answers]} needed />
      {loading && answers.every(({ data }) => data === undefined) ? <Loading lines={6} /> : null}
      {!loading && answers.length === 0 && targets.problem === undefined ? (
        <Empty title={t('ha.none', 'No cluster is watched')}>
          <Trans i18nKey="ha.none-hint">The high availability exporter has no cluster in its configuration.</Trans>
        </Empty>
      ) : null}
      {answers.map(({ target, data }) =>
        data === undefined ? null : <Cluster key={target} name={target} cluster={data} sync={sync} />,
      )}
      <ChartGrid>
        <Chart panel={panels.roles} height={220} />
        <Chart panel={panels.lag} height={220} />
      </ChartGrid>
      <Cards>
        <Later
          title={t('ha.recovery', 'Measured recovery times')}
          what={t('ha.recovery-none', 'No data: no drill has been reported to the exporter.')}
        />
        <Later
          title={t('ha.readiness', 'Readiness for a failover')}
          what={t('ha.readiness-none', 'No data: the exporter does not judge readiness yet.')}
        />
        <Later
          title={t('ha.backups', 'Backups and point-in-time window')}
          what={t('ha.backups-none', 'No data: the exporter is told of no backups.')}
        />
      </Cards>
    </>
  );
};

type ClusterProps = {
  readonly name: string;
  readonly cluster: ClusterAnswer;
  readonly sync: ReadonlyMap<string, string>;
};

const Cluster = ({ name, cluster, sync }: ClusterProps) => {
  const styles = useStyles2(stylesOf);
  const [sort, setSort] = useUrlValue('sort', 'role');
  const members = cluster.members.map((one): Member => ({ ...one, sync: sync.get(one.name) ?? null }));
  return (
    <>
      {cluster.primary === null ? (
        <Alert severity="error" title={t('ha.no-leader', '{{name}} has no leader', { name })}>
          <Trans i18nKey="ha.no-leader-hint">
            Nothing can be written. Patroni’s log on its members says why none takes the lease.
          </Trans>
        </Alert>
      ) : null}
      {cluster.paused === true ? (
        <Alert severity="warning" title={t('ha.paused', 'Automatic failover of {{name}} is paused', { name })}>
          <Trans i18nKey="ha.paused-hint">It is taken up again with patronictl resume.</Trans>
        </Alert>
      ) : null}
      <Card title={t('ha.topology', 'Topology of {{name}}', { name })}>
        <DataTable
          label={t('ha.members', 'Members')}
          {...{ columns: columnsOf(), rows: members, sort }}
          keyOf={(one) => one.name}
          onSort={setSort}
        />
      </Card>
      <Card title={t('ha.failovers', 'Failover history')}>
        {cluster.failovers.length === 0 ? (
          <p>{t('ha.no-failovers', 'None: the cluster is on its first timeline.')}</p>
        ) : (
          <ol className={styles.list} reversed>
            {[...cluster.failovers].reverse().map(({ timeline, at, reason }) => (
              <li key={timeline}>
                <strong>{at === null ? t('ha.when-unknown', 'at an unknown time') : dateTimeFormat(at)}</strong>{' '}
                {t('ha.timeline-began', 'timeline {{timeline}} ended', { timeline })}: {reason}
              </li>
            ))}
          </ol>
        )}
      </Card>
    </>
  );
};

const columnsOf = (): readonly Column<Member>[] => [
  {
    ...{ id: 'name', name: t('ha.member', 'Member'), value: ({ name }) => name },
    cell: ({ name, up }) => (
      <>
        {name} {up ? null : <Badge color="red" icon="exclamation-circle" text={t('ha.down', 'down')} />}
      </>
    ),
  },
  {
    ...{ id: 'role', name: t('ha.role', 'Role'), value: ({ role }) => role },
    cell: ({ role }) => role?.replaceAll('_', ' ') ?? NOTHING,
  },
  {
    ...{ id: 'state', name: t('ha.state', 'State'), value: ({ state }) => state },
    cell: ({ state }) => state ?? NOTHING,
  },
  {
    ...{ id: 'sync', name: t('ha.sync', 'Synchronous'), value: ({ sync }) => sync },
    cell: ({ sync }) => sync ?? NOTHING,
  },
  {
    ...{ id: 'timeline', name: t('ha.timeline', 'Timeline'), numeric: true, value: ({ timeline }) => timeline },
    cell: ({ timeline }) => timeline ?? NOTHING,
  },
  {
    ...{ id: 'lag', name: t('ha.lag', 'Lag'), numeric: true, value: ({ replayLagSeconds }) => replayLagSeconds },
    cell: ({ replayLagSeconds, replayLagBytes }) =>
      replayLagSeconds === null && replayLagBytes === null
        ? NOTHING
        : `${seconds(replayLagSeconds)} (${bytes(replayLagBytes)})`,
  },
];

/** What the primary says of each replica. */
const useSyncStates = (view: View): ReadonlyMap<string, string> => {
  const { frames } = usePrometheus(syncStates(view), view);
  return new Map(latestOf(frames?.get('sync') ?? []).map(({ labels }) => [labels.replica ?? '', labels.state ?? '']));
};

const Later = ({ title, what }: { readonly title: string; readonly what: string }) => (
  <Card title={title}>
    <p>{what}</p>
  </Card>
);

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ paddingLeft: theme.spacing(4) }),
});

export const HaPage = definePage<ChartName>({ charts, Content });
