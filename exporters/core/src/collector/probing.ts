import type { Config } from '../config/schema';
import type { Probe, ProbeOptions, Probing } from './define';

/** Starts every probe of a target; one that doesn't run there says why. */
export const startProbing = (
  probes: readonly Probe[],
  options: ProbeOptions,
): readonly (Probing & { probe: Probe })[] =>
  probes.map((probe) => {
    const started = isDisabled(probe, options.config) ? disabled : probe.start(options);
    return { probe, ...('reason' in started ? idle(started) : started) };
  });

const isDisabled = ({ name }: Probe, config: Config): boolean => config.disabled_collectors.includes(name);

const disabled = {
  ...{ reason: 'disabled' as const, detail: 'switched off in the configuration' },
  remedy: 'remove it from disabled_collectors',
};

const idle = (skip: typeof disabled | Exclude<ReturnType<Probe['start']>, Probing>): Probing => ({
  every: 0,
  last: () => ({ state: 'skipped', skip }),
  samples: () => [],
  connections: () => ({ open: 0, opened: 0 }),
  stop: () => Promise.resolve(),
});
