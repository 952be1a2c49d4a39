import type { Probe, ProbeOptions, Probing, Skip } from './define';
import { disabled, isDisabled } from './sampling';

/** Starts every probe of a target; one that doesn't run there says why. */
export const startProbing = (
  probes: readonly Probe[],
  options: ProbeOptions,
): readonly (Probing & { probe: Probe })[] =>
  probes.map((probe) => {
    const started = isDisabled(probe, options.config) ? disabled : probe.start(options);
    return { probe, ...('reason' in started ? idle(started) : started) };
  });

const idle = (skip: Skip): Probing => ({
  every: 0,
  last: () => ({ state: 'skipped', skip }),
  samples: () => [],
  connections: () => ({ open: 0, opened: 0 }),
  stop: () => Promise.resolve(),
});
