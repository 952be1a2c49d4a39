import { dateTimeFormat, dateTimeFormatTimeAgo } from '@grafana/data';
import { t } from '@grafana/i18n';
import type { View } from '../../app/about';
import { useUrlValue } from '../../app/url-value';
import { Card } from '../../components/Card';
import { type Column, DataTable } from '../../components/DataTable';
import { NOTHING, seconds } from '../../components/format';
import { Failed, Loading } from '../../components/states';
import { latestOf } from '../../prometheus/query';
import { backups } from '../../prometheus/questions';
import { reasonOf, usePrometheus } from '../../prometheus/use-prometheus';

type Repository = {
  readonly cluster: string;
  readonly repository: string;
  readonly up: boolean;
  /** Milliseconds since 1970; null: none. */
  readonly last: number | null;
  readonly since: number | null;
};

/** Where the backups are, how far back any moment can be restored, and whether that was ever tried. */
export const BackupsCard = ({ view }: { readonly view: View }) => {
  const [sort, setSort] = useUrlValue('backups', 'repository');
  const { frames, problem, loading, again } = usePrometheus(backups(view), view);
  const title = t('ha.backups', 'Backups and point-in-time window');
  const of = (name: keyof ReturnType<typeof backups>) => latestOf(frames?.get(name) ?? []);
  const momentOf = (name: 'last' | 'since', about: Readonly<Record<string, string>>): number | null => {
    const found = of(name).find(
      ({ labels }) => labels.cluster === about.cluster && labels.repository === about.repository,
    );
    return found === undefined ? null : found.value * 1000;
  };
  const repositories = of('up').map(({ labels, value }): Repository => {
    const { cluster = '', repository = '' } = labels;
    return { cluster, repository, up: value === 1, last: momentOf('last', labels), since: momentOf('since', labels) };
  });
  if (problem !== undefined) {
    const failed = t('ha.backups-unknown', 'Prometheus does not say');
    return (
      <Card title={title}>
        <Failed title={failed} detail={reasonOf(problem)} again={again} />
      </Card>
    );
  }
  if (loading) return <Card title={title}>{<Loading lines={2} />}</Card>;
  if (repositories.length === 0) {
    return (
      <Card title={title}>
        <p>
          {t(
            'ha.backups-none',
            'Nothing is known: no cluster has backups in the exporter’s configuration (clusters: backup), or it does not run.',
          )}
        </p>
      </Card>
    );
  }
  return (
    <Card title={title}>
      <DataTable
        label={t('ha.repositories', 'Repositories')}
        {...{ columns: columnsOf(), rows: repositories, sort }}
        keyOf={({ cluster, repository }) => `${cluster} ${repository}`}
        onSort={setSort}
      />
      {[...new Set(repositories.map(({ cluster }) => cluster))].map((cluster) => (
        <p key={cluster}>
          {rehearsedOf(
            cluster,
            of('verified').find(({ labels }) => labels.cluster === cluster)?.value,
            of('restore').find(({ labels }) => labels.cluster === cluster)?.value,
          )}
        </p>
      ))}
    </Card>
  );
};

const rehearsedOf = (cluster: string, at: number | undefined, took: number | undefined): string =>
  at === undefined
    ? t('ha.rehearsed-never', 'A restore of {{cluster}} was never rehearsed: submilli backup verify.', { cluster })
    : t('ha.rehearsed', 'A restore of {{cluster}} was last rehearsed {{ago}}, and took {{time}}.', {
        ...{ cluster, ago: dateTimeFormatTimeAgo(at * 1000), time: seconds(took) },
      });

const columnsOf = (): readonly Column<Repository>[] => [
  {
    ...{ id: 'repository', name: t('ha.repository', 'Repository') },
    value: ({ cluster, repository }) => `${cluster} ${repository}`,
    cell: ({ cluster, repository }) => `${cluster} ${repository}`,
  },
  {
    ...{ id: 'up', name: t('ha.repository-up', 'Can be used'), value: ({ up }) => Number(up) },
    cell: ({ up }) => (up ? t('ha.yes', 'yes') : t('ha.no', 'no')),
  },
  {
    ...{ id: 'last', name: t('ha.last-backup', 'Last backup'), value: ({ last }) => last },
    cell: ({ last }) => (last === null ? NOTHING : dateTimeFormatTimeAgo(last)),
  },
  {
    ...{ id: 'since', name: t('ha.restorable', 'Any moment since'), value: ({ since }) => since },
    cell: ({ since }) => (since === null ? NOTHING : dateTimeFormat(since)),
  },
];
