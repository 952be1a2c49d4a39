import { dateTimeFormat } from '@grafana/data';
import { t } from '@grafana/i18n';
import type { Change } from '../../domain/changes';

/** What changed, as one sentence. */
export const changeWords = (changes: readonly Change[], { from }: { readonly from: number }): string => {
  const since = t('overview.since', 'Since {{from}}', { from: dateTimeFormat(from, { format: 'HH:mm' }) });
  if (changes.length === 0) return `${since}: ${t('overview.nothing', 'nothing of note changed.')}`;
  return `${since}: ${changes.map(wordsOf).join('; ')}.`;
};

const wordsOf = (change: Change): string => {
  switch (change.kind) {
    case 'failover':
      return t('overview.change-failover', 'failovers: {{count}}', { count: change.count });
    case 'alerts':
      return t('overview.change-alerts', 'alerts that fire: {{count}}', { count: change.count });
    case 'score':
      return change.to < change.from
        ? t('overview.change-fell', 'the score of {{database}} fell from {{from}} to {{to}}', { ...change })
        : t('overview.change-rose', 'the score of {{database}} rose from {{from}} to {{to}}', { ...change });
    case 'advice':
      return t('overview.change-advice', 'new advice: {{count}}, of that critical: {{critical}}', { ...change });
  }
};
