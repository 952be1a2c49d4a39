import type { GrafanaTheme2, IconName } from '@grafana/data';
import { t } from '@grafana/i18n';
import type { Direction, Grade } from '../../domain/score/score';

/** A grade is a word, a symbol and a colour: the colour is never alone. */
export const gradeWord = (grade: Grade): string => {
  switch (grade) {
    case 'good':
      return t('score.grade.good', 'good');
    case 'fair':
      return t('score.grade.fair', 'fair');
    case 'poor':
      return t('score.grade.poor', 'poor');
    case 'critical':
      return t('score.grade.critical', 'critical');
    case 'unknown':
      return t('score.grade.unknown', 'not known');
  }
};

export const gradeColor = (grade: Grade, theme: GrafanaTheme2): string => {
  switch (grade) {
    case 'good':
      return theme.colors.success.text;
    case 'fair':
      return theme.colors.warning.text;
    case 'poor':
    case 'critical':
      return theme.colors.error.text;
    case 'unknown':
      return theme.colors.text.secondary;
  }
};

export const directionIcon = (direction: Direction): IconName | undefined => {
  if (direction === 'up') return 'arrow-up';
  return direction === 'down' ? 'arrow-down' : undefined;
};

/** What a component of the score is called. One that this version does not know has its own name. */
export const componentName = (component: string): string => {
  switch (component) {
    case 'latency':
      return t('score.component.latency', 'Latency');
    case 'connections':
      return t('score.component.connections', 'Connections');
    case 'cache':
      return t('score.component.cache', 'Cache');
    case 'locks_and_waits':
      return t('score.component.locks', 'Locks and waits');
    case 'vacuum_and_wraparound':
      return t('score.component.vacuum', 'Vacuum and wraparound');
    case 'replication':
      return t('score.component.replication', 'Replication');
    case 'errors':
      return t('score.component.errors', 'Errors');
    case 'pool':
      return t('score.component.pool', 'Pool');
    default:
      return component.replaceAll('_', ' ');
  }
};
