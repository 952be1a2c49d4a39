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
  page('health', async () => (await import('../pages/health/HealthPage')).HealthPage),
  page('latency', async () => (await import('../pages/latency/LatencyPage')).LatencyPage),
  page('queries', async () => (await import('../pages/queries/QueriesPage')).QueriesPage),
  page('queries/:target/:database/:queryid', async () => (await import('../pages/queries/QueryPage')).QueryPage),
  page('advice', async () => (await import('../pages/advice/AdvicePage')).AdvicePage),
  page('advice/:exporter/:id', async () => (await import('../pages/advice/AdviceDetailPage')).AdviceDetailPage),
  page('high-availability', async () => (await import('../pages/high-availability/HaPage')).HaPage),
];

export const HOME = 'overview';
