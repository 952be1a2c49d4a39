import { setTimeout as sleep } from 'node:timers/promises';
import type { ExporterName } from '@submilli/core';
import { startExporter, type Targets } from './exporter';
import { type Scrapes, summarise } from './schedule';
import { startScraper } from './scraper';

export const INTERVAL_MS = 15_000;

/** One exporter process to measure. */
export type Plan = {
  readonly name: string;
  readonly exporters: readonly ExporterName[];
  readonly targets: Targets;
  /** How many of them, for the tables. */
  readonly count: number;
};

export type Point = Pick<Plan, 'name' | 'count'> &
  Scrapes & {
    /** Of one core: 1 is all of it. */
    readonly cpu: number;
    readonly memoryMb: number;
    readonly loopBusy: number | null;
    readonly seconds: number;
  };

/** Starts the exporters of some plans, scrapes each of their targets every 15 s, and measures after a first interval. */
export const measurePoints = async (plans: readonly Plan[], seconds: number): Promise<Point[]> =>
  Promise.all(plans.map((plan) => measurePoint(plan, seconds)));

const measurePoint = async ({ name, exporters, targets, count }: Plan, seconds: number): Promise<Point> => {
  const exporter = await startExporter(exporters, targets);
  try {
    const scraper = await startScraper(exporter.urls, INTERVAL_MS);
    await sleep(INTERVAL_MS);
    await exporter.loopBusy();
    const [from, cpuBefore] = [performance.now(), exporter.cpuSeconds()];
    await sleep(seconds * 1000);
    const [to, cpuAfter] = [performance.now(), exporter.cpuSeconds()];
    const memoryMb = exporter.memoryMb();
    const loopBusy = await exporter.loopBusy();
    await scraper.stop();
    const elapsed = (to - from) / 1000;
    return {
      ...{ name, count, seconds: elapsed, memoryMb, loopBusy, cpu: (cpuAfter - cpuBefore) / elapsed },
      ...summarise(scraper.done, from, to),
    };
  } finally {
    await exporter.stop();
  }
};
