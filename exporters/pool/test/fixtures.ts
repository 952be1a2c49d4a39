import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emittersOf, type Metrics, type Sample } from '@submilli/core';
import type { ShowRow } from '../src/show';

/** Answers by command; see fixtures/README.md. */
export type Answers = Readonly<Record<string, readonly ShowRow[]>>;

const read = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, 'fixtures', name), 'utf8'));

export const answersOf = (version: '1.18.0' | '1.25.2'): Answers => read(`pgbouncer-${version}.json`) as Answers;

/** Columns by version and command. */
export const columnsByVersion = (): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> => {
  const versions = read('columns-by-version.json') as Record<string, Record<string, string>>;
  const columnsOf = (commands: Record<string, string>) =>
    new Map(Object.entries(commands).map(([command, columns]) => [command, columns.split(' ')]));
  return new Map(Object.entries(versions).map(([version, commands]) => [version, columnsOf(commands)]));
};

type Publishes = {
  readonly metrics: Metrics;
  readonly publish: (rows: readonly ShowRow[], emit: never, env: never) => Iterable<Sample>;
};

/** What a collector publishes of an answer: series with labels → value, those without one left out. */
export const published = (collector: Publishes, rows: readonly ShowRow[]): Map<string, number> => {
  const samples = [...collector.publish(rows, emittersOf(collector.metrics) as never, undefined as never)];
  return new Map(
    samples.flatMap(({ metric, labels, value }) =>
      typeof value === 'number' ? [[seriesOf(metric.name, metric.labels, labels), value]] : [],
    ),
  );
};

const seriesOf = (name: string, keys: readonly string[], values: readonly string[]): string =>
  keys.length === 0 ? name : `${name}{${keys.map((key, i) => `${key}="${values[i] ?? ''}"`).join(',')}}`;
