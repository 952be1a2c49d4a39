import { type Threshold, type ThresholdsConfig, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

export const colors = { good: 'green', warning: 'orange', critical: 'red', plain: 'blue', quiet: 'text' } as const;

/** Grafana wants null for what has no lower end; the types of its SDK do so too. */
const config = (steps: Threshold[]): ThresholdsConfig => ({ mode: ThresholdsMode.Absolute, steps });

/** The more the worse. */
export const above = (warning: number, critical: number): ThresholdsConfig =>
  config([
    { value: null, color: colors.good },
    { value: warning, color: colors.warning },
    { value: critical, color: colors.critical },
  ]);

/** The less the worse. */
export const below = (warning: number, critical: number): ThresholdsConfig =>
  config([
    { value: null, color: colors.critical },
    { value: critical, color: colors.warning },
    { value: warning, color: colors.good },
  ]);

/** One line between good and bad. */
export const notAbove = (limit: number, bad: string = colors.critical): ThresholdsConfig =>
  config([
    { value: null, color: colors.good },
    { value: limit, color: bad },
  ]);

export const notBelow = (limit: number, bad: string = colors.critical): ThresholdsConfig =>
  config([
    { value: null, color: bad },
    { value: limit, color: colors.good },
  ]);

/** None at all is well. */
export const none = (bad: string = colors.critical): ThresholdsConfig => notAbove(1, bad);

const WORSE: readonly string[] = [colors.good, colors.warning, colors.critical];

/** As lines in a chart: each in the colour of its bad side, be that above it or below. */
export const asLines = ({ mode, steps }: ThresholdsConfig): ThresholdsConfig => ({
  mode,
  steps: steps.map(({ value, color }, i) => {
    const below = steps[i - 1]?.color ?? color;
    return { value, color: value !== null && WORSE.indexOf(below) > WORSE.indexOf(color) ? below : color };
  }),
});

/** No value is good or bad by itself. */
export const neutral: ThresholdsConfig = config([{ value: null, color: colors.quiet }]);
