import { t } from '@grafana/i18n';
import { Badge } from '@grafana/ui';
import type { TopologyMember } from '@submilli/api/topology';
import { useUrlValue } from '../../app/url-value';
import { type Column, DataTable } from '../../components/DataTable';
import { bytes, NOTHING, seconds } from '../../components/format';

export const MemberTable = ({ members }: { readonly members: readonly TopologyMember[] }) => {
  const [sort, setSort] = useUrlValue('sort', 'role');
  return (
    <DataTable
      label={t('ha.members', 'Members')}
      {...{ columns: columnsOf(), rows: members, sort }}
      keyOf={(one) => one.name}
      onSort={setSort}
    />
  );
};

const Marks = ({ member: { up, missing, patroni, pendingRestart } }: { readonly member: TopologyMember }) => (
  <>
    {missing === true ? (
      <Badge color="red" icon="exclamation-circle" text={t('ha.missing', 'missing')} />
    ) : up ? null : (
      <Badge color="red" icon="exclamation-circle" text={t('ha.down', 'down')} />
    )}
    {up && patroni === false ? <Badge color="orange" text={t('ha.no-patroni', 'no Patroni')} /> : null}
    {pendingRestart === true ? <Badge color="blue" text={t('ha.pending', 'waits for a restart')} /> : null}
  </>
);

const columnsOf = (): readonly Column<TopologyMember>[] => [
  {
    ...{ id: 'name', name: t('ha.member', 'Member'), value: ({ name }) => name },
    cell: (member) => (
      <>
        {member.name} <Marks member={member} />
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
    ...{ id: 'upstream', name: t('ha.upstream', 'Streams from'), value: ({ upstream }) => upstream },
    cell: ({ upstream }) => upstream ?? NOTHING,
  },
  {
    ...{ id: 'timeline', name: t('ha.timeline', 'Timeline'), numeric: true, value: ({ timeline }) => timeline },
    cell: ({ timeline }) => timeline ?? NOTHING,
  },
  {
    ...{ id: 'lag', name: t('ha.lag', 'Lag'), numeric: true, value: ({ lag }) => lag?.replaySeconds ?? null },
    cell: ({ lag }) =>
      lag === null || (lag.replaySeconds === null && lag.replayBytes === null)
        ? NOTHING
        : `${seconds(lag.replaySeconds)} (${bytes(lag.replayBytes)})`,
  },
  {
    ...{ id: 'versions', name: t('ha.versions', 'PostgreSQL, Patroni') },
    cell: ({ serverVersion, patroniVersion }) =>
      `${serverVersion?.split(' ')[0] ?? NOTHING}, ${patroniVersion ?? NOTHING}`,
  },
  {
    ...{ id: 'promotable', name: t('ha.promotable', 'Could take over') },
    cell: ({ notPromotable, role }) =>
      role?.endsWith('leader') === true
        ? t('ha.leads', 'leads')
        : (notPromotable ?? (role === null ? NOTHING : t('ha.can', 'yes'))),
  },
];
