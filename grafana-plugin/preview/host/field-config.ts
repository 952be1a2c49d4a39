import { type FieldConfigPropertyItem, type FieldType, identityOverrideProcessor } from '@grafana/data';

const Nothing = () => null;

/** The properties that all of Grafana's panels have in common, so that units, limits and colours of a panel are applied. */
const item = (id: string, path = id, defaultValue?: unknown): FieldConfigPropertyItem => ({
  ...{ id, path, name: id, description: '', category: [], defaultValue, settings: {} },
  ...{
    editor: Nothing,
    override: Nothing,
    process: identityOverrideProcessor,
    shouldApply: (_: { type: FieldType }) => true,
  },
});

export const standardFields: FieldConfigPropertyItem[] = [
  ...['unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'description'].map((id) => item(id)),
  item('color', 'color', { mode: 'palette-classic' }),
  item('thresholds', 'thresholds', { mode: 'absolute', steps: [{ value: -Infinity, color: 'green' }] }),
  item('mappings', 'mappings', []),
  item('links', 'links', []),
];
