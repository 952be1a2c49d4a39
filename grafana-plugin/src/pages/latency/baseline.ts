import { t } from '@grafana/i18n';
import { useUrlValue } from '../../app/url-value';
import type { View } from '../../app/about';

export const baselines = ['previous', 'day', 'week'] as const;
export type Baseline = (typeof baselines)[number];

const DAY = 86_400_000;

/** How long before the time that is shown the one begins that it is compared with. */
export const shiftOf = (baseline: Baseline, { from, to }: Pick<View, 'from' | 'to'>): number => {
  switch (baseline) {
    case 'previous':
      return to - from;
    case 'day':
      return DAY;
    case 'week':
      return 7 * DAY;
  }
};

export const baselineWord = (baseline: Baseline): string => {
  switch (baseline) {
    case 'previous':
      return t('latency.baseline.previous', 'the time before');
    case 'day':
      return t('latency.baseline.day', 'the day before');
    case 'week':
      return t('latency.baseline.week', 'the week before');
  }
};

/** What everything on the page is compared with; in the URL. */
export const useBaseline = (): readonly [Baseline, (baseline: string) => void] => {
  const [value, set] = useUrlValue('baseline', 'previous');
  return [baselines.find((one) => one === value) ?? 'previous', set];
};

/** The view of that time. */
export const before = (view: View, baseline: Baseline): View => {
  const shift = shiftOf(baseline, view);
  return { ...view, from: view.from - shift, to: view.to - shift };
};
