import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emittersOf, type Metrics, type Sample, type Snapshots } from '@submilli/core';
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

type Publishes<D> = {
  readonly metrics: Metrics;
  readonly publish: (data: D, emit: never, env: never) => Iterable<Sample>;
};

/** What a collector publishes of an answer: series with labels → value, those without one left out. */
export const published = <D>(collector: Publishes<D>, data: D): Map<string, number> => {
  const samples = [...collector.publish(data, emittersOf(collector.metrics) as never, undefined as never)];
  return new Map(
    samples.flatMap(({ metric, labels, value }) =>
      typeof value === 'number' ? [[seriesOf(metric.name, metric.labels, labels), value]] : [],
    ),
  );
};

/** A part of the registry and what it has read. */
export type Read = readonly [part: { readonly name: string }, data: unknown];

/** The snapshots that a derived part would see after these. */
export const snapshotsOf = (...read: readonly Read[]): Snapshots => {
  const all = new Map(read.map(([{ name }, data]) => [name, data]));
  return { of: <D>({ name }: { readonly name: string }) => all.get(name) as D | undefined };
};

const seriesOf = (name: string, keys: readonly string[], values: readonly string[]): string =>
  keys.length === 0 ? name : `${name}{${keys.map((key, i) => `${key}="${values[i] ?? ''}"`).join(',')}}`;
