import { dateTimeFormatTimeAgo } from '@grafana/data';
import { t } from '@grafana/i18n';
import type { View } from '../../app/about';
import { useUrlValue } from '../../app/url-value';
import { Card } from '../../components/Card';
import { type Column, DataTable } from '../../components/DataTable';
import { NOTHING } from '../../components/format';
import { Failed, Loading } from '../../components/states';
import { latestOf } from '../../prometheus/query';
import { drills } from '../../prometheus/questions';
import { reasonOf, usePrometheus } from '../../prometheus/use-prometheus';
import { exact } from './words';

type Drill = {
  readonly cluster: string;
  /** As `submilli drill` calls it. */
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly passed: boolean | null;
  /** Seconds, the median of its runs; null: no client noticed. */
  readonly took: number | null;
  readonly lost: number | null;
};

/** When each fault was last rehearsed, and what clients saw of it. */
export const DrillsCard = ({ view }: { readonly view: View }) => {
  const [sort, setSort] = useUrlValue('drills', '-at');
  const { frames, problem, loading, again } = usePrometheus(drills(view), view);
  const title = t('ha.drills', 'Drills');
  const of = (name: keyof ReturnType<typeof drills>) => latestOf(frames?.get(name) ?? []);
  const valueOf = (name: 'passed' | 'took' | 'lost', about: Readonly<Record<string, string>>): number | null =>
    of(name).find(({ labels }) => labels.cluster === about.cluster && labels.kind === about.kind)?.value ?? null;
  const rows = of('ended').map(({ labels, value }): Drill => {
    const { cluster = '', kind = '' } = labels;
    const passed = valueOf('passed', labels);
    return {
      ...{ cluster, kind, at: value * 1000, passed: passed === null ? null : passed === 1 },
      ...{ took: valueOf('took', labels), lost: valueOf('lost', labels) },
    };
  });
  return (
    <Card title={title}>
      {problem !== undefined ? (
        <Failed title={t('ha.drills-unknown', 'Prometheus does not say')} detail={reasonOf(problem)} again={again} />
      ) : loading ? (
        <Loading lines={2} />
      ) : rows.length === 0 ? (
        <p>
          {t(
            'ha.drills-none',
            'No failover was rehearsed yet: submilli drill switchover is the gentlest to begin with.',
          )}
        </p>
      ) : (
        <DataTable
          label={title}
          {...{ columns: columnsOf(), rows, sort }}
          keyOf={({ cluster, kind }) => `${cluster} ${kind}`}
          onSort={setSort}
        />
      )}
    </Card>
  );
};

const columnsOf = (): readonly Column<Drill>[] => [
  {
    ...{ id: 'drill', name: t('ha.drill', 'Fault'), value: ({ cluster, kind }) => `${cluster} ${kind}` },
    cell: ({ cluster, kind }) => `${cluster} ${kind}`,
  },
  {
    ...{ id: 'at', name: t('ha.drilled', 'Rehearsed'), value: ({ at }) => at },
    cell: ({ at }) => dateTimeFormatTimeAgo(at),
  },
  {
    ...{
      id: 'passed',
      name: t('ha.drill-passed', 'Passed'),
      value: ({ passed }) => (passed === null ? null : Number(passed)),
    },
    cell: ({ passed }) => (passed === null ? NOTHING : passed ? t('ha.yes', 'yes') : t('ha.no', 'no')),
  },
  {
    ...{ id: 'took', name: t('ha.drill-took', 'Recovery, pool'), numeric: true, value: ({ took }) => took },
    cell: ({ took }) => (took === null ? t('ha.drill-unnoticed', 'none needed') : exact(took)),
  },
  {
    ...{ id: 'lost', name: t('ha.drill-lost', 'Writes lost'), numeric: true, value: ({ lost }) => lost },
    cell: ({ lost }) => lost ?? NOTHING,
  },
];
