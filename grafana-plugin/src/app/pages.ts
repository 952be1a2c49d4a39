import { type ComponentType, lazy, type LazyExoticComponent } from 'react';

/** A page of the app: where it is, and its code, which is loaded when somebody goes there. */
export type Page = {
  readonly path: string;
  readonly Component: LazyExoticComponent<ComponentType>;
};

const page = (path: string, load: () => Promise<ComponentType>): Page => ({
  path,
  Component: lazy(async () => ({ default: await load() })),
});

/** All pages. Adding one is a folder in `pages/`, a line here, and an entry under `includes` of plugin.json. */
export const pages: readonly Page[] = [
  page('overview', async () => (await import('../pages/overview/Overview')).Overview),
];

export const HOME = 'overview';
