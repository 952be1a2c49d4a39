import { type AppPlugin, type AppRootProps, PluginContextProvider } from '@grafana/data';
import { Alert, LoadingPlaceholder } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { useLocation } from 'react-router-dom';
import { boot } from './boot';
import { loadApp } from './plugins';

const useApp = () => {
  const [app, setApp] = useState<AppPlugin>();
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => {
    loadApp().then(setApp, setProblem);
  }, []);
  return { app, problem };
};

/** The app's own pages. */
export const AppView = () => {
  const { app, problem } = useApp();
  const { pathname, search } = useLocation();
  if (problem !== undefined)
    return (
      <Alert severity="error" title="The plugin could not be loaded">
        {problem instanceof Error ? problem.message : JSON.stringify(problem)}
      </Alert>
    );
  if (app?.root === undefined) return <LoadingPlaceholder text="" />;
  const Root = app.root;
  const props: AppRootProps = {
    ...{ basename: `/a/${boot.plugin.id}`, meta: boot.meta, path: pathname, onNavChanged: () => undefined },
    query: Object.fromEntries(new URLSearchParams(search)),
  };
  return (
    <PluginContextProvider meta={boot.meta}>
      <Root {...props} />
    </PluginContextProvider>
  );
};

export const ConfigurationView = () => {
  const { app, problem } = useApp();
  if (problem !== undefined)
    return (
      <Alert severity="error" title="The plugin could not be loaded">
        {problem instanceof Error ? problem.message : JSON.stringify(problem)}
      </Alert>
    );
  if (app === undefined) return <LoadingPlaceholder text="" />;
  if (boot.role !== 'Admin') return <Alert severity="warning" title="Only administrators configure plugins" />;
  const Body = app.configPages?.[0]?.body;
  if (Body === undefined) return <Alert severity="error" title="The plugin has no configuration page" />;
  return (
    <PluginContextProvider meta={boot.meta}>
      <Body plugin={app} query={{}} />
    </PluginContextProvider>
  );
};
