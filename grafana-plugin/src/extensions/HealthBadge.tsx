import { usePluginContext } from '@grafana/data';
import { initPluginTranslations, t } from '@grafana/i18n';
import { TextLink, Tooltip } from '@grafana/ui';
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { type ComponentType, useState } from 'react';
import { createQueryClient } from '../api/use-exporters';
import { NOTHING } from '../components/format';
import { ScoreBadge } from '../components/score/ScoreBadge';
import { PLUGIN_ID, ROOT } from '../constants';
import { latestOf, queryPrometheus } from '../prometheus/query';
import { badge } from '../prometheus/questions';
import type { Settings } from '../settings';

export type HealthBadgeProps = {
  readonly database: string;
  /** Needed where several clusters have a database of that name; the lowest score counts otherwise. */
  readonly cluster?: string;
};

const MINUTE = 60_000;

/** How healthy a database is, for pages of others; leads to how that comes about. */
export const HealthBadge = (props: HealthBadgeProps) => {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <Score {...props} />
    </QueryClientProvider>
  );
};

const Score = ({ database, cluster = '' }: HealthBadgeProps) => {
  const { prometheusUid: uid = '' } = (usePluginContext()?.meta.jsonData ?? {}) as Settings;
  const { data, error, isPending } = useQuery({
    queryKey: ['badge', uid, cluster, database],
    queryFn: async ({ signal }) => {
      const to = Date.now();
      const found = await queryPrometheus(uid, badge({ cluster, database }), { from: to - 5 * MINUTE, to }, { signal });
      return latestOf(found.get('score') ?? [])[0]?.value ?? null;
    },
    ...{ enabled: uid !== '', refetchInterval: MINUTE },
  });
  if (uid !== '' && isPending) return <span aria-busy="true">{NOTHING}</span>;
  const query = new URLSearchParams({
    ...(cluster === '' ? {} : { 'var-cluster': cluster }),
    'var-database': database,
  });
  return (
    <Tooltip content={whatItSays(uid, error, data ?? null, database)}>
      <span data-testid="health-badge">
        <TextLink href={`${ROOT}/health?${query.toString()}`} inline={false} color="primary">
          <ScoreBadge score={data ?? null} />
        </TextLink>
      </span>
    </Tooltip>
  );
};

const whatItSays = (uid: string, error: Error | null, score: number | null, database: string): string => {
  if (uid === '') return t('badge.no-source', 'No Prometheus data source is chosen in the configuration of Submilli');
  if (error !== null) return t('badge.failed', 'Prometheus gives no answer: {{why}}', { why: error.message });
  return score === null
    ? t('badge.none', 'Prometheus has no score of {{database}}', { database })
    : t('badge.score', 'Health score of {{database}}', { database });
};

/** The badge, once its texts are there. */
export const readyBadge = async (): Promise<ComponentType<HealthBadgeProps>> => {
  await initPluginTranslations(PLUGIN_ID);
  return HealthBadge;
};
