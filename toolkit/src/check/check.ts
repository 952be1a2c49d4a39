import {
  type AnyExporter,
  type Config,
  createTarget,
  deadlineIn,
  type ExporterName,
  silentLogger,
  statusOf,
  systemClock,
  type Target,
  type TargetStatus,
} from '@submilli/core';

/** What one exporter can read of one target. */
export type CheckedTarget = TargetStatus & { readonly exporter: ExporterName };

/** More at once, with TLS to each, would be slow because of each other, and be taken for slow servers. */
const AT_ONCE = 2;

/** Collects once from every target, as a scrape would, and says what came of it. Bounded by `timeouts.scrape_ms` each. */
export const checkAll = async (
  exporters: readonly AnyExporter[],
  config: Config,
): Promise<readonly CheckedTarget[]> => {
  const checks = exporters.flatMap((definition) =>
    definition.targets(config, systemClock).map(({ name, source }) => async (): Promise<CheckedTarget> => {
      const target: Target = createTarget({
        ...{ name, source, registry: definition.registry, config },
        ...{ clock: systemClock, random: Math.random, log: silentLogger },
      });
      try {
        await target.scrape(deadlineIn(config.timeouts.scrape_ms, systemClock));
        await firstBeats(target, config.timeouts.scrape_ms);
        return { exporter: definition.name, ...statusOf(target, systemClock) };
      } finally {
        await target.close();
      }
    }),
  );
  const checked: CheckedTarget[] = [];
  const waiting = checks.entries();
  const worker = async (): Promise<void> => {
    for (const [i, check] of waiting) checked[i] = await check();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return checked;
};

/** Waits until every sampler has beaten once, or for the time a scrape may take. */
const firstBeats = async (target: Target, limitMs: number): Promise<void> => {
  const deadline = deadlineIn(limitMs, systemClock);
  const pending = (): boolean => target.view().up && target.view().runs.some(({ run }) => run.state === 'pending');
  while (pending() && deadline.remainingMs() > 0) await new Promise((resolve) => setTimeout(resolve, 50));
};
