import type { Part, Table } from '../part';
import { kinds, type Kind } from './load';
import type { WriterName } from './writers';

export type Timed = {
  readonly writer: WriterName;
  readonly kind: Kind;
  readonly asked: number;
  readonly lines: number;
  /** Of each round. */
  readonly wholeSeconds: readonly number[];
  readonly writeSeconds: readonly number[];
};

export type Remembered = {
  readonly writer: WriterName;
  readonly kind: Kind;
  readonly lines: number;
  readonly allocatedBytes: number;
  readonly heldBytes: number;
};

export const medianOf = (numbers: readonly number[]): number | null => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
};

/** Series per second, in thousands. */
const rateOf = (lines: number, seconds: readonly number[]): number | null => {
  const median = medianOf(seconds);
  return median === null ? null : round(lines / median / 1000);
};

const round = (value: number): number => Number(value.toPrecision(3));
const ratio = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : round(a / b));

export type Found = {
  readonly timed: readonly Timed[];
  readonly remembered: readonly Remembered[];
  readonly rounds: number;
};

export const partOf = ({ timed, remembered, rounds }: Found): Part => {
  const sizes = [...new Set(timed.map(({ asked }) => asked))].toSorted((a, b) => a - b);
  const of = (writer: WriterName, kind: Kind, asked: number): Timed | undefined =>
    timed.find((one) => one.writer === writer && one.kind === kind && one.asked === asked);

  const speeds = (title: string, key: 'wholeSeconds' | 'writeSeconds'): Table => ({
    title,
    columns: ['families', 'series', 'Submilli, 1,000 series/s', 'prom-client, 1,000 series/s', 'ratio'],
    rows: kinds.flatMap((kind) =>
      sizes.flatMap((asked) => {
        const [ours, theirs] = [of('submilli', kind, asked), of('prom-client', kind, asked)];
        if (ours === undefined || theirs === undefined || theirs[key].length === 0) return [];
        const [a, b] = [rateOf(ours.lines, ours[key]), rateOf(theirs.lines, theirs[key])];
        return [[`${kind}s`, ours.lines, a, b, ratio(a, b)]];
      }),
    ),
  });

  return {
    part: 'exposition',
    title: 'Exposition: series per second',
    how: [
      'The same families with the same labels and values go to Submilli’s own writer and to prom-client, each in a process of its own; the tasks of a round come in random order, and the median of the rounds counts.',
      'Before anything is measured both texts are read back, and have to hold the same series with the same values and types.',
      'A whole scrape hands over all values and writes the text: with Submilli samples are made, checked for duplicates and bad values, and written; with prom-client metrics are reset, set, and written. Prom-client cannot be told a histogram that somebody else has counted, so there is no whole scrape of histograms.',
      'Writing alone is of what is held already. Text ends up in one flat string both times. A series is a line of text: a histogram has one for each bucket, the sum and the count.',
      `${String(rounds)} rounds.`,
    ],
    goals: [],
    tables: [
      speeds('A whole scrape', 'wholeSeconds'),
      speeds('Writing alone', 'writeSeconds'),
      memoryTable(remembered),
    ],
    plots: [
      {
        name: 'exposition',
        title: 'A whole scrape',
        kind: 'bars',
        x: 'families and series',
        y: '1,000 series per second',
        series: (['submilli', 'prom-client'] as const).map((writer) => ({
          name: writer === 'submilli' ? 'Submilli' : 'prom-client',
          points: (['gauge', 'counter'] as const).flatMap((kind) =>
            sizes.flatMap((asked): [string, number][] => {
              const one = of(writer, kind, asked);
              const rate = one === undefined ? null : rateOf(one.lines, one.wholeSeconds);
              return rate === null ? [] : [[`${kind}s, ${asked.toLocaleString('en')}`, rate]];
            }),
          ),
        })),
      },
      {
        name: 'exposition-writing',
        title: 'Writing alone',
        kind: 'bars',
        x: 'families and series',
        y: '1,000 series per second',
        series: (['submilli', 'prom-client'] as const).map((writer) => ({
          name: writer === 'submilli' ? 'Submilli' : 'prom-client',
          points: kinds.flatMap((kind) =>
            sizes.flatMap((asked): [string, number][] => {
              const one = of(writer, kind, asked);
              const rate = one === undefined ? null : rateOf(one.lines, one.writeSeconds);
              return rate === null ? [] : [[`${kind}s, ${asked.toLocaleString('en')}`, rate]];
            }),
          ),
        })),
      },
    ],
  };
};

const memoryTable = (remembered: readonly Remembered[]): Table => ({
  title: 'Memory per series',
  columns: [
    'families',
    'series',
    'Submilli, bytes held between scrapes',
    'prom-client, bytes held',
    'ratio held',
    'Submilli, bytes allocated by a whole scrape',
    'prom-client, bytes allocated',
    'ratio allocated',
  ],
  rows: kinds.flatMap((kind) => {
    const [ours, theirs] = (['submilli', 'prom-client'] as const).map((writer) =>
      remembered.find((one) => one.writer === writer && one.kind === kind),
    );
    if (ours === undefined || theirs === undefined) return [];
    const per = (one: Remembered, key: 'heldBytes' | 'allocatedBytes'): number => Math.round(one[key] / one.lines);
    const [heldA, heldB] = [per(ours, 'heldBytes'), per(theirs, 'heldBytes')];
    // Of prom-client's histograms it is the writing alone, see above: no comparison.
    const [madeA, madeB] =
      kind === 'histogram' ? [null, null] : [per(ours, 'allocatedBytes'), per(theirs, 'allocatedBytes')];
    return [[`${kind}s`, ours.lines, heldA, heldB, ratio(heldA, heldB), madeA, madeB, ratio(madeA, madeB)]];
  }),
});
