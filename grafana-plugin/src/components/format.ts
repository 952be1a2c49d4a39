import { formattedValueToString, getValueFormat } from '@grafana/data';

const by =
  (unit: string, decimals?: number) =>
  (value: number | null | undefined): string =>
    value === null || value === undefined ? NOTHING : formattedValueToString(getValueFormat(unit)(value, decimals));

/** Stands for a value that is not known. */
export const NOTHING = '–';

export const seconds = by('s');
export const bytes = by('bytes');
export const count = by('short');
export const percent = by('percentunit', 1);
export const wholePercent = by('percentunit', 0);
export const points = by('none', 0);
/** As in "3.2×". */
export const times = (value: number | null | undefined): string =>
  value === null || value === undefined ? NOTHING : `${value < 10 ? value.toFixed(1) : value.toFixed(0)}×`;
