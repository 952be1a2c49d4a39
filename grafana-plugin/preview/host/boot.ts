import type { AppPluginMeta } from '@grafana/data';

/** What the server tells the page to begin with. */
export type Boot = {
  readonly theme: 'dark' | 'light';
  readonly role: 'Viewer' | 'Editor' | 'Admin';
  readonly plugin: {
    readonly id: string;
    readonly name: string;
    readonly includes: readonly {
      readonly type: string;
      readonly name: string;
      readonly path: string;
      readonly role?: string;
      readonly addToNav?: boolean;
    }[];
  };
  readonly meta: AppPluginMeta;
};

export const boot = (globalThis as unknown as { readonly previewBoot: Boot }).previewBoot;

/** Said in the page's URL: what the server is to get wrong, for tests. Kept for as long as the page lives. */
export const fault = new URLSearchParams(location.search).get('fault') ?? '';
