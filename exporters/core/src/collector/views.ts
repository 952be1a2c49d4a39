import type { Config } from '../config/schema';
import type { AnyReport, Needs, Registry } from './define';

/** A registry whose reports are known. */
type Viewed<S, F> = Registry<S, F> & { readonly reports: readonly AnyReport[] };

/**
 * The parts that a configuration asks for: those of a compatibility view only while it is on. One that is off is not
 * listed as skipped either, since nobody misses anything: it would be a line for each part of each view on each target.
 */
export const viewed = <S, F>(registry: Registry<S, F>, { compatibility }: Config): Viewed<S, F> => {
  const isWanted = ({ needs }: { readonly needs?: Needs }): boolean =>
    needs?.view === undefined || compatibility.includes(needs.view);
  return {
    ...registry,
    collectors: registry.collectors.filter(isWanted),
    samplers: registry.samplers.filter(isWanted),
    surveys: registry.surveys.filter(isWanted),
    derived: registry.derived.filter(isWanted),
    reports: (registry.reports ?? []).filter(isWanted),
  };
};
