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

/** Collects once from every target, as a scrape would, and says what came of it. Bounded by `timeouts.scrape_ms` each. */
export const checkAll = async (
  exporters: readonly AnyExporter[],
  config: Config,
  signal: AbortSignal,
): Promise<readonly CheckedTarget[]> => {
  const checked: CheckedTarget[] = [];
  // One after the other: several at once are slow because of each other, and would be taken for slow servers.
  for (const definition of exporters) {
    for (const { name, source } of definition.targets(config, systemClock)) {
      signal.throwIfAborted();
      const target: Target = createTarget({
        ...{ name, source, registry: definition.registry, config },
        ...{ clock: systemClock, random: Math.random, log: silentLogger },
      });
      try {
        await target.scrape(deadlineIn(config.timeouts.scrape_ms, systemClock));
        await firstBeats(target, config.timeouts.scrape_ms);
        checked.push({ exporter: definition.name, ...statusOf(target, systemClock) });
      } finally {
        await target.close();
      }
    }
  }
  return checked;
};

/** Waits until every sampler has beaten once, or for the time a scrape may take. */
const firstBeats = async (target: Target, limitMs: number): Promise<void> => {
  const deadline = deadlineIn(limitMs, systemClock);
  const pending = (): boolean => target.view().up && target.view().runs.some(({ run }) => run.state === 'pending');
  while (pending() && deadline.remainingMs() > 0) await new Promise((resolve) => setTimeout(resolve, 50));
};
