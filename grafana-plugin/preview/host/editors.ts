import type { StandardEditorsRegistryItem } from '@grafana/data';

const Nothing = () => null;

/** Editors of panel options: the preview shows panels, and does not edit them. */
export const editors: StandardEditorsRegistryItem[] = [
  ...['text', 'number', 'slider', 'boolean', 'select', 'multi-select', 'radio', 'color', 'unit', 'strings', 'timezone'],
  ...['field-name', 'fieldColor', 'stats-picker', 'thresholds', 'mappings', 'links', 'dashboard-uid'],
].map((id) => ({ id, name: id, description: '', editor: Nothing }) as StandardEditorsRegistryItem);
