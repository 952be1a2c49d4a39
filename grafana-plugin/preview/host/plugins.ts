import type { AppPlugin, PanelPlugin, PanelPluginMeta } from '@grafana/data';
import { boot } from './boot';
import { corePanels } from './panels/core';
import { sharedModules } from './shared';

type Loader = {
  readonly set: (id: string, module: object) => void;
  readonly addImportMap: (map: { readonly imports: Readonly<Record<string, string>> }) => void;
  readonly import: (url: string) => Promise<unknown>;
};

const loader = (): Loader => (globalThis as unknown as { readonly System: Loader }).System;

export const shareModules = (): void => {
  for (const [name, module] of Object.entries(sharedModules)) {
    const withDefault = 'default' in module ? module : { ...module, default: module };
    loader().set(`package:${name}`, { ...withDefault, __useDefault: true });
  }
  loader().addImportMap({
    imports: Object.fromEntries(Object.keys(sharedModules).map((name) => [name, `package:${name}`])),
  });
};

export const loadApp = async (): Promise<AppPlugin> => {
  const { id } = boot.plugin;
  const { plugin } = (await loader().import(`/public/plugins/${id}/module.js`)) as { readonly plugin: AppPlugin };
  plugin.meta = boot.meta;
  return plugin;
};

const panels = new Map<string, Promise<PanelPlugin>>();
const ready = new Map<string, PanelPlugin>();

/** Our own panels from the bundle, the core's as the preview's stand-ins. */
export const loadPanel = (id: string): Promise<PanelPlugin> => {
  const known = panels.get(id);
  if (known !== undefined) return known;
  const found = (async () => {
    const plugin = id.startsWith('submilli-') ? await ownPanel(id) : (corePanels()[id] ?? missing(id));
    plugin.meta = { ...metaOf(id), ...plugin.meta };
    ready.set(id, plugin);
    return plugin;
  })();
  panels.set(id, found);
  return found;
};

export const panelFromCache = (id: string): PanelPlugin | undefined => ready.get(id);

const ownPanel = async (id: string): Promise<PanelPlugin> => {
  const { plugin } = (await loader().import(`/public/plugins/${id}/module.js`)) as { readonly plugin: PanelPlugin };
  return plugin;
};

const missing = (id: string): never => {
  throw new Error(`the preview has no panel ${id}`);
};

const metaOf = (id: string): PanelPluginMeta =>
  ({
    ...{ id, name: id, type: 'panel', module: '', baseUrl: '', sort: 0 },
    info: {
      author: { name: '' },
      description: '',
      links: [],
      screenshots: [],
      updated: '',
      version: '',
      logos: { small: '', large: '' },
    },
  }) as unknown as PanelPluginMeta;
