/** Grafana's names of the units that these dashboards use. */
export const units = {
  seconds: 's',
  ago: 'dateTimeFromNow',
  bytes: 'bytes',
  bytesPerSecond: 'Bps',
  count: 'short',
  text: 'string',
  bool: 'bool_yes_no',
  ratio: 'percentunit',
  perSecond: 'count:/s',
  blocksPerSecond: 'count:blocks/s',
  rowsPerSecond: 'count:rows/s',
} as const;

export type Unit = (typeof units)[keyof typeof units];
