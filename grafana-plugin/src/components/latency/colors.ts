import type { GrafanaTheme2 } from '@grafana/data';

const STEPS = [
  { upTo: 0.5, dark: 'green', light: 'dark-green' },
  { upTo: 0.9, dark: 'blue', light: 'dark-blue' },
  { upTo: 0.95, dark: 'yellow', light: 'dark-yellow' },
  { upTo: 0.99, dark: 'orange', light: 'dark-orange' },
  { upTo: 1, dark: 'purple', light: 'dark-purple' },
] as const;

/** The same quantile has the same colour everywhere; its name stands beside it. */
export const colorOf = (quantile: number, theme: GrafanaTheme2): string => {
  const step = STEPS.find(({ upTo }) => quantile <= upTo) ?? STEPS[4];
  return theme.visualization.getColorByName(theme.isDark ? step.dark : step.light);
};
