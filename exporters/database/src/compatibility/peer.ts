import { compat, counter, gauge, type Metric, type Sample } from '@submilli/core';
import { z } from 'zod';

/**
 * What the collectors of postgres_exporter's view share. Names, labels, types and values are that exporter's (0.20), also
 * where ours would be others: milliseconds, counters without `_total`, and a 0 that stands for "never". What differs, and
 * why, is in docs/compatibility.md.
 */
const VIEW = 'postgres_exporter';

export const needs = { view: VIEW } as const;
export const needsMonitor = { view: VIEW, privilege: 'pg_monitor' } as const;

/** All our parts of this view; what follows is what the peer calls the collector. */
export const PREFIX = 'compat_';

export const peerGauge = <const L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
  compat(VIEW, gauge(name, help, labels));

export const peerCounter = <const L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
  compat(VIEW, counter(name, help, labels));

type Kind = 'gauge' | 'counter';
export type Columns<K extends string> = Readonly<Record<K, readonly [type: Kind, help: string]>>;
type Values<K extends string> = Readonly<Record<K, number | null>>;

const keysOf = <K extends string>(columns: Columns<K>): K[] => Object.keys(columns) as K[];

const mapped = <K extends string, V>(columns: Columns<K>, value: (column: K) => V): Record<K, V> =>
  Object.fromEntries(keysOf(columns).map((column) => [column, value(column)])) as Record<K, V>;

/** One metric for each column of a view, named after it. */
export const columnMetrics = <K extends string, const L extends string = never>(
  columns: Columns<K>,
  nameOf: (column: K) => string,
  labels: readonly L[] = [],
): Readonly<Record<K, Metric<L, Kind>>> =>
  mapped(columns, (column) => {
    const [type, help] = columns[column];
    return type === 'gauge' ? peerGauge(nameOf(column), help, labels) : peerCounter(nameOf(column), help, labels);
  });

/** The row type of these columns; null where the server has no value, or this version no such column. */
export const columnValues = <K extends string>(columns: Columns<K>) =>
  z.object(mapped(columns, () => z.number().nullable().default(null)));

type Emit<K extends string, L extends string> = Readonly<
  Record<K, (labels: Readonly<Record<L, string>>, value: number | null) => Sample>
>;

/** The samples of one row. */
export const columnSamples = <K extends string, L extends string>(
  columns: Columns<K>,
  row: Values<NoInfer<K>>,
  labels: Readonly<Record<L, string>>,
  m: Emit<NoInfer<K>, NoInfer<L>>,
): Sample[] => keysOf(columns).map((column) => m[column](labels, row[column]));

/** As the peer does it: what a table does not have, such as scans of indexes where it has none, counts as 0. */
export const zeroForNull = <K extends string>(columns: Columns<K>, row: Values<NoInfer<K>>): Record<K, number> =>
  mapped(columns, (column) => row[column] ?? 0);
