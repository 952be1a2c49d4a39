import { identityOverrideProcessor, PanelPlugin, type PanelProps } from '@grafana/data';
import type { ComponentType } from 'react';

const Nothing = () => null;

/** A panel whose fields can be set like those of Grafana's panel: what is not registered is not applied. */
export const panelWith = <T extends object>(
  panel: ComponentType<PanelProps<T>>,
  customFields: readonly string[] = [],
): PanelPlugin =>
  new PanelPlugin<T>(panel).useFieldConfig({
    useCustomConfig: (builder) => {
      for (const path of customFields) {
        builder.addCustomEditor({
          ...{ id: path, path: path, name: path, editor: Nothing, override: Nothing },
          ...{ process: identityOverrideProcessor, shouldApply: () => true },
        });
      }
    },
  }) as PanelPlugin;
