import { AppPlugin, type AppRootProps, type PluginConfigPageProps, type AppPluginMeta } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { addExtensions } from './extensions/extensions';
import type { Settings } from './settings';

const LazyApp = lazy(() => import('./app/App').then(({ App }) => ({ default: App })));
const LazyConfiguration = lazy(() =>
  import('./pages/configuration/Configuration').then(({ Configuration }) => ({ default: Configuration })),
);

const Root = (props: AppRootProps<Settings>) => (
  <Suspense fallback={<LoadingPlaceholder text="" />}>
    <LazyApp {...props} />
  </Suspense>
);

const ConfigurationPage = (props: PluginConfigPageProps<AppPluginMeta<Settings>>) => (
  <Suspense fallback={<LoadingPlaceholder text="" />}>
    <LazyConfiguration {...props} />
  </Suspense>
);

export const plugin = new AppPlugin<Settings>().setRootPage(Root).addConfigPage({
  title: 'Configuration',
  icon: 'cog',
  body: ConfigurationPage,
  id: 'configuration',
});
addExtensions(plugin);
