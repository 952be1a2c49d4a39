import type { Reading } from './growth';
import type { Recording } from './recording';

export const units = ['bytes', 'count'] as const;
export type Unit = (typeof units)[number];

/** Something that must not grow, and by how much an hour it may without being called a leak. */
export type Measure = {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly perHour: number;
  readonly of: (recording: Recording) => ReadonlyMap<string, readonly Reading[]>;
};

const MIB = 1024 * 1024;

const byService =
  (pick: (one: Recording['processes'][number]) => number | null): Measure['of'] =>
  ({ processes }) =>
    grouped(
      processes.flatMap((one) => {
        const value = pick(one);
        return value === null ? [] : [{ of: one.service, at: one.at, life: one.life, value }];
      }),
    );

const grouped = (readings: readonly (Reading & { readonly of: string })[]): ReadonlyMap<string, readonly Reading[]> => {
  const groups = new Map<string, Reading[]>();
  for (const { of, ...reading } of readings) {
    const group = groups.get(of) ?? [];
    groups.set(of, group);
    group.push(reading);
  }
  return groups;
};

/**
 * The bounds are what nobody would mind in an hour of faults, and far below what a leak of one object per scrape, one
 * connection per fault or one file per restart comes to.
 */
export const measures: readonly Measure[] = [
  { name: 'heap', title: 'heap in use', unit: 'bytes', perHour: 12 * MIB, of: byService(({ heapBytes }) => heapBytes) },
  {
    ...{ name: 'memory', title: 'resident memory', unit: 'bytes', perHour: 32 * MIB },
    of: byService(({ holdings }) => holdings.residentBytes),
  },
  {
    ...{ name: 'descriptors', title: 'open descriptors', unit: 'count', perHour: 4 },
    of: byService(({ holdings }) => holdings.descriptors),
  },
  {
    ...{ name: 'sockets', title: 'open sockets', unit: 'count', perHour: 4 },
    of: byService(({ holdings }) => holdings.sockets),
  },
  {
    ...{ name: 'threads', title: 'threads', unit: 'count', perHour: 2 },
    of: byService(({ holdings }) => holdings.threads),
  },
  {
    ...{ name: 'resources', title: 'active handles and requests', unit: 'count', perHour: 4 },
    of: byService(({ resources }) => resources),
  },
  { name: 'timers', title: 'timers', unit: 'count', perHour: 4, of: byService(({ timers }) => timers) },
  {
    ...{ name: 'sessions', title: 'sessions of ours', unit: 'count', perHour: 2 },
    of: ({ sessions }) =>
      // Also over restarts of a server: what a fault leaves behind is on the exporter's side.
      grouped(sessions.map(({ at, where, count }) => ({ of: where, at, life: where, value: count }))),
  },
  {
    ...{ name: 'files', title: 'files of kept state', unit: 'count', perHour: 12 },
    of: ({ folders }) => grouped(folders.map(({ at, files }) => ({ of: 'state', at, life: 'state', value: files }))),
  },
  {
    ...{ name: 'state', title: 'kept state', unit: 'bytes', perHour: 4 * MIB },
    of: ({ folders }) => grouped(folders.map(({ at, bytes }) => ({ of: 'state', at, life: 'state', value: bytes }))),
  },
  {
    ...{ name: 'series', title: 'series', unit: 'count', perHour: 400 },
    of: ({ scrapes }) =>
      grouped(
        scrapes.flatMap(({ at, exporter, target, up, series }) =>
          up ? [{ of: `${exporter} ${target}`, at, life: 'series', value: series }] : [],
        ),
      ),
  },
];
