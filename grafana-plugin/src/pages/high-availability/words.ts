import { t } from '@grafana/i18n';
import { NOTHING } from '../../components/format';

/** Seconds to a tenth, as they are compared: never as minutes. */
export const exact = (value: number | null | undefined): string =>
  value === null || value === undefined ? NOTHING : `${value.toFixed(1)} s`;

/** What happened to the primary. */
export const causeWord = (cause: string): string => {
  switch (cause) {
    case 'switchover':
      return t('ha.cause.switchover', 'switchover');
    case 'restart':
      return t('ha.cause.restart', 'restart');
    case 'postmaster-crash':
      return t('ha.cause.postmaster-crash', 'PostgreSQL crashed');
    case 'node-loss':
      return t('ha.cause.node-loss', 'node lost');
    case 'hang':
      return t('ha.cause.hang', 'hang');
    case 'network':
      return t('ha.cause.network', 'network or power lost');
    case 'patroni-loss':
      return t('ha.cause.patroni-loss', 'Patroni lost');
    case 'dcs':
      return t('ha.cause.dcs', 'store lost');
    default:
      return t('ha.cause.unknown', 'unknown');
  }
};
