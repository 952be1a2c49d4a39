import { t } from '@grafana/i18n';
import type { TopologyAnswer } from '@submilli/api/topology';
import { useUrlValue } from '../../app/url-value';
import { Card } from '../../components/Card';
import { type Column, DataTable } from '../../components/DataTable';
import { NOTHING, seconds } from '../../components/format';

type Store = NonNullable<TopologyAnswer['etcd']>;
type StoreMember = Store['members'][number];

/** The store that decides who leads: its members, and how many more may be lost. */
export const StoreCard = ({ store: { members, quorumMargin, voters } }: { readonly store: Store }) => {
  const [sort, setSort] = useUrlValue('store', 'address');
  return (
    <Card title={t('ha.store', 'Store (etcd)')}>
      <p>
        {quorumMargin === null
          ? t('ha.margin-unknown', 'How many members may be lost is not known.')
          : quorumMargin < 0
            ? t('ha.margin-lost', 'It has no quorum: nobody is elected.')
            : quorumMargin === 0
              ? t(
                  'ha.margin-none',
                  'Once one of its voting members ({{voters}}) is lost, nobody is elected any more.',
                  {
                    voters: voters ?? 0,
                  },
                )
              : t('ha.margin', 'Of {{voters}} voting members {{margin}} more may be lost.', {
                  voters: voters ?? 0,
                  margin: quorumMargin,
                })}
      </p>
      <DataTable
        label={t('ha.store-members', 'Members of the store')}
        {...{ columns: columnsOf(), rows: members, sort }}
        keyOf={({ address }) => address}
        onSort={setSort}
      />
    </Card>
  );
};

const columnsOf = (): readonly Column<StoreMember>[] => [
  {
    ...{ id: 'address', name: t('ha.store-address', 'Address'), value: ({ address }) => address },
    cell: ({ address }) => address,
  },
  {
    ...{ id: 'state', name: t('ha.state', 'State') },
    value: ({ healthy }) => Number(healthy),
    cell: ({ healthy, leader }) => {
      if (!healthy) return t('ha.store-away', 'does not serve');
      return leader === true ? t('ha.store-leads', 'leads') : t('ha.store-follows', 'follows');
    },
  },
  {
    ...{ id: 'read', name: t('ha.store-read', 'Quorum read'), numeric: true },
    value: ({ readSeconds }) => readSeconds,
    cell: ({ readSeconds }) => seconds(readSeconds),
  },
  {
    ...{ id: 'version', name: t('ha.store-version', 'Version'), value: ({ version }) => version },
    cell: ({ version }) => version ?? NOTHING,
  },
];
