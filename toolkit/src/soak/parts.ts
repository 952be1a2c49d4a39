import { exporterNames, type ExporterName } from '@submilli/core';
import { exporters } from '../exporters';

/** What the declarations of the exporters say of their metrics. */

type Declared = { readonly metrics: Readonly<Record<string, { readonly name: string }>> };
const namesOf = (parts: readonly Declared[]): string[] =>
  parts.flatMap(({ metrics }) => Object.values(metrics).flatMap(({ name }) => [name, ...expanded(name)]));
const expanded = (name: string): string[] => ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`);

/** Counters of a session of the exporter, or of what is ranked: they may begin anew when it connects again. */
export const beginsAnew: ReadonlySet<string> = new Set(
  exporters.flatMap(({ registry }) => namesOf([...registry.samplers, ...registry.surveys, ...registry.derived])),
);

/** What may be shown of a target that is down: what probes tried there, and reports on the collection itself. */
export const shownWhenDown: ReadonlySet<string> = new Set(
  exporters.flatMap(({ registry }) => namesOf([...(registry.probes ?? []), ...(registry.reports ?? [])])),
);

/**
 * Counters that a restart of the exporter must not set back: what the ha exporter has seen of failovers is kept, and how
 * many there were at all is the cluster's own knowledge.
 */
export const outlivesExporter: ReadonlySet<string> = new Set([
  'db_ha_failovers_total',
  'db_ha_interruptions_total',
  'db_ha_unwritable_seconds_total',
  'db_ha_split_brain_seconds_total',
]);

/** What each exporter answers under `/api/v1`, beside its status, targets and recommendations. */
export const resourcesOf = (name: ExporterName): readonly string[] =>
  exporters.find((exporter) => exporter.name === name)?.resources.map(({ path }) => path) ?? [];

/** Of all rows: about the exporter, not about what it watches. */
export const isOwn = (name: string): boolean => /^(db_exporter_|process_|nodejs_)/.test(name);

/** Targets by exporter, with the service of the stack whose end is theirs; the whole cluster never ends. */
export type TargetOf = {
  readonly exporter: ExporterName;
  readonly target: string;
  readonly server: string | undefined;
};
export const targetsOf = (members: readonly string[]): readonly TargetOf[] =>
  exporterNames.flatMap((exporter): TargetOf[] => {
    if (exporter === 'pool') return [{ exporter, target: 'pool', server: 'pgbouncer' }];
    if (exporter === 'ha') return [{ exporter, target: 'grandmodel', server: undefined }];
    return members.map((name) => ({ exporter, target: name, server: name }));
  });
