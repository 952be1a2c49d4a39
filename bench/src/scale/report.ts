import type { Cell, Goal, Part, Plot, Table } from '../part';
import type { Point } from './point';

export type GrownPoint = { readonly of: string; readonly level: number; readonly point: Point };

export type Found = {
  /** The database exporter with more and more targets. */
  readonly curve: readonly Point[];
  /** Other processes. */
  readonly others: readonly Point[];
  readonly growth: readonly GrownPoint[];
  readonly how: readonly string[];
};

const TARGETS = 200;

const digits = (value: number, places: number): number => Number(value.toFixed(places));
const ms = (value: number): Cell => (Number.isFinite(value) ? digits(value, 1) : null);

export const partOf = ({ curve, others, growth, how }: Found): Part => ({
  part: 'scale',
  title: 'Scale: targets per process, each scraped every 15 s',
  how,
  goals: [...curve, ...others].filter(({ count }) => count >= TARGETS).map(goalOf),
  tables: [
    targetsTable('Targets in one process', [...curve, ...others]),
    growthTable(growth),
    ...problemsTable([...curve, ...others, ...growth.map(({ point }) => point)]),
  ],
  plots: [
    curvePlot('scale-cpu', 'CPU of the database exporter', 'CPU, % of one core', curve, ({ cpu }) => 100 * cpu),
    curvePlot('scale-memory', 'Memory of the database exporter', 'resident memory, MB', curve, (p) => p.memoryMb),
  ],
});

/** All of its threads together stay within one core, and no scrape is lost. */
const goalOf = ({ name, count, cpu, memoryMb, failed, scrapes, slowestMs }: Point): Goal => ({
  what: `${count} targets in one process at 15 s on one core: ${name}`,
  target: 'at most 100 % of one core, every scrape answered in its time',
  measured: `${(100 * cpu).toFixed(0)} % of one core, ${memoryMb.toFixed(0)} MB; ${failed === 0 ? `all ${scrapes}` : `${scrapes - failed} of ${scrapes}`} scrapes answered, the slowest in ${slowestMs.toFixed(0)} ms`,
  met: cpu <= 1 && failed === 0 && scrapes >= count,
});

const targetsTable = (title: string, points: readonly Point[]): Table => ({
  title,
  columns: [
    ...['process', 'targets', 'CPU, % of one core', 'CPU per target, ms per s', 'memory MB', 'scrapes', 'failed'],
    ...['scrape P50 ms', 'scrape P99 ms', 'slowest ms', 'series per scrape', 'event loop at work, %'],
  ],
  rows: points.map((point) => [
    ...[point.name, point.count, digits(100 * point.cpu, 1), digits((1000 * point.cpu) / point.count, 2)],
    ...[Math.round(point.memoryMb), point.scrapes, point.failed],
    ...[ms(point.p50Ms), ms(point.p99Ms), ms(point.slowestMs), Math.round(point.series)],
    point.loopBusy === null ? null : digits(100 * point.loopBusy, 1),
  ]),
});

const growthTable = (growth: readonly GrownPoint[]): Table => ({
  title: 'What a target costs as it grows',
  columns: ['what grows', 'to', 'CPU per target, ms per s', 'memory of 10 targets, MB', 'scrape P50 ms', 'series'],
  rows: growth.map(({ of, level, point }) => [
    ...[of, level, digits((1000 * point.cpu) / point.count, 2), Math.round(point.memoryMb)],
    ...[ms(point.p50Ms), Math.round(point.series)],
  ]),
});

/** Only if there were any. */
const problemsTable = (points: readonly Point[]): Table[] => {
  const rows = points.filter(({ problems }) => problems.length > 0);
  return rows.length === 0
    ? []
    : [
        {
          title: 'What failed',
          columns: ['process', 'targets', 'problems'],
          rows: rows.map(({ name, count, problems }) => [name, count, problems.join('; ')]),
        },
      ];
};

const curvePlot = (
  name: string,
  title: string,
  y: string,
  curve: readonly Point[],
  of: (point: Point) => number,
): Plot => ({
  ...{ name, title, y, kind: 'lines', x: 'targets' },
  series: [{ name: 'database exporter', points: curve.map((point) => [point.count, digits(of(point), 1)]) }],
});
