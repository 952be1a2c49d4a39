import type { Dashboard, Panel, RowPanel } from '@grafana/schema';

/** Panels under a heading. Without one: those before the first. */
export type Section = { readonly row?: RowPanel; readonly panels: readonly Panel[] };

const isRow = (one: Panel | RowPanel): one is RowPanel => one.type === 'row';

/** A heading holds what follows it until the next; one that is collapsed holds its panels itself. */
export const sectionsOf = ({ panels = [] }: Dashboard): readonly Section[] =>
  panels.reduce<readonly Section[]>((sections, one) => {
    if (isRow(one)) return [...sections, { row: one, panels: one.collapsed ? one.panels : [] }];
    const last = sections.at(-1) ?? { panels: [] };
    return [...sections.slice(0, -1), { ...last, panels: [...last.panels, one] }];
  }, []);

/** JSON has no -∞, at which thresholds begin: there it is null. */
export const withInfinity = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(withInfinity) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [
    key,
    key === 'steps' && Array.isArray(one) ? one.map(stepOf) : withInfinity(one as unknown),
  ]);
  return Object.fromEntries(entries) as T;
};

const stepOf = (step: { readonly value: number | null }): object => ({ ...step, value: step.value ?? -Infinity });
