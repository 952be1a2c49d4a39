import { t } from '@grafana/i18n';
import type { AdviceState } from '@submilli/api/recommendations';
import type { BadgeColor, IconName } from '@grafana/ui';
import type { Severity } from '../../domain/advice';

export const severityWord = (severity: Severity): string => {
  switch (severity) {
    case 'critical':
      return t('advice.severity.critical', 'Critical');
    case 'warning':
      return t('advice.severity.warning', 'Warning');
    case 'info':
      return t('advice.severity.info', 'Info');
  }
};

export const severityColor: Readonly<Record<Severity, BadgeColor>> = {
  critical: 'red',
  warning: 'orange',
  info: 'blue',
};
export const severityIcon: Readonly<Record<Severity, IconName>> = {
  critical: 'exclamation-circle',
  warning: 'exclamation-triangle',
  info: 'info-circle',
};

export const stateWord = (state: AdviceState): string => {
  switch (state) {
    case 'open':
      return t('advice.state.open', 'open');
    case 'acknowledged':
      return t('advice.state.acknowledged', 'acknowledged');
    case 'snoozed':
      return t('advice.state.snoozed', 'snoozed');
    case 'dismissed':
      return t('advice.state.dismissed', 'dismissed');
    case 'applied':
      return t('advice.state.applied', 'applied');
    case 'verified':
      return t('advice.state.verified', 'verified');
    case 'no-effect':
      return t('advice.state.no-effect', 'without effect');
    case 'regressed':
      return t('advice.state.regressed', 'made it worse');
    case 'resolved':
      return t('advice.state.resolved', 'resolved');
    case 'expired':
      return t('advice.state.expired', 'expired');
  }
};
