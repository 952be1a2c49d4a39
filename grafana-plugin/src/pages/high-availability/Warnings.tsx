import { dateTimeFormat } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import type { FailoversAnswer } from '@submilli/api/failovers';
import type { TopologyAnswer } from '@submilli/api/topology';

type Props = {
  readonly name: string;
  readonly cluster: TopologyAnswer;
  readonly history: FailoversAnswer | undefined;
};

/** What somebody has to know at once, the worst first. */
export const Warnings = ({ name, cluster, history }: Props) => {
  const writable = cluster.members.filter((one) => one.writable === true).map((one) => one.name);
  const since = history?.unwritableSince ?? null;
  return (
    <>
      {writable.length > 1 || cluster.splitBrain === true ? (
        <Alert
          severity="error"
          title={t('ha.split', '{{name}} has two primaries: {{members}}', { name, members: writable.join(', ') })}
        >
          <Trans i18nKey="ha.split-hint">
            What is written to the one on the older timeline is lost. Keep clients away from it, then stop it.
          </Trans>
        </Alert>
      ) : null}
      {cluster.primary === null ? (
        <Alert severity="error" title={t('ha.no-leader', '{{name}} has no leader', { name })}>
          {since === null
            ? null
            : `${t('ha.unwritable-since', 'Nothing could be written since {{time}}.', { time: dateTimeFormat(since) })} `}
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
      {cluster.scheduledSwitchover === null ? null : (
        <Alert
          severity="info"
          title={t('ha.scheduled', 'A switchover of {{name}} is scheduled for {{time}}', {
            name,
            time: dateTimeFormat(cluster.scheduledSwitchover),
          })}
        />
      )}
    </>
  );
};
