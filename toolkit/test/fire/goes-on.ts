import { until } from '../e2e/stack';
import { meantBy, type Series, seriesIn } from './exposition';
import type { Wellness } from './seen';
import { wrongAfter } from './seen';
import type { World } from './world';

const EXPORTERS = ['database', 'pool', 'ha'] as const;

export const exportersNow = async ({ exporters }: World): Promise<readonly (readonly Series[])[]> =>
  Promise.all(EXPORTERS.map(async (name) => seriesIn(await exporters.get(name, '/metrics'))));

/** Longer than any of these processes lives. */
const DAY_SECONDS = 86_400;

/** Durations and ages of what began with the test: below nothing, or beyond the life of the processes. */
export const absurdIn = (all: readonly Series[]): readonly string[] =>
  all
    .filter(({ name }) => /_(age|duration|window|oldest_\w+|longest|maxwait)_seconds$/.test(name))
    .filter(({ value }) => value < 0 || value > DAY_SECONDS / 24)
    .map(({ name, labels, value }) => `${name}{${labels}} is ${value}`);

/** Counters that are lower than they were. */
export const wentBack = (before: readonly Series[], now: readonly Series[]): readonly string[] =>
  before
    .filter(({ name }) => name.endsWith('_total') && !name.startsWith('nodejs_') && !LEGACY.includes(name))
    .flatMap(({ name, labels, value }) => {
      const after = now.find((one) => one.name === name && one.labels === labels)?.value ?? value;
      return after < value ? [`${name}{${labels}} was ${value} and is ${after}`] : [];
    });

/** A gauge with a promised name. */
const LEGACY = ['db_connections_total'];

/** What a process says of a fault that it lives with, once it has said it. */
export const untilSaid = async ({ exporters }: World, since: number, pattern: string): Promise<string> =>
  until(
    60,
    async () => {
      // It has something new to write.
      await exporters.get('database', '/metrics');
      return exporters.said().slice(since);
    },
    (said) => new RegExp(pattern).test(said),
  );

export const wrongInAny = async (
  world: World,
  before: ReadonlyMap<(typeof EXPORTERS)[number], Wellness>,
): Promise<readonly string[]> => {
  const wrong = await Promise.all([...before].map(([name, known]) => wrongAfter(world, name, known)));
  return wrong.flat();
};

export const upOf = (all: readonly Series[]): number | undefined => meantBy(all, 'db_exporter_up')[0]?.value;
