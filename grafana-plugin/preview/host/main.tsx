import 'uplot/dist/uPlot.min.css';
import {
  createTheme,
  EventBusSrv,
  locationUtil,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformersRegistry,
  ThemeContext,
} from '@grafana/data';
import {
  config,
  FakeEchoSrv,
  LocationServiceProvider,
  locationService,
  setAppEvents,
  setBackendSrv,
  setChromeHeaderHeightHook,
  setDataSourceSrv,
  setEchoSrv,
  setPluginComponentHook,
  setPluginComponentsHook,
  setPluginFunctionsHook,
  setPluginImportUtils,
  setPluginLinksHook,
  setReturnToPreviousHook,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { GlobalStyles, ModalRoot, ModalsProvider, PortalContainer } from '@grafana/ui';
import { initPluginTranslations } from '@grafana/i18n';
import { type ReactNode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Navigate, Route, Router, Routes } from 'react-router-dom';
import { setPanelDataErrorView } from 'runtime-internal:components/PanelDataErrorView';
import { setPluginPage } from 'runtime-internal:components/PluginPage';
import { initDataSourceInstanceSettings } from 'runtime-internal:services/dataSource/settings';
import { backendSrv } from './backend';
import { boot } from './boot';
import { Chrome } from './Chrome';
import { dataSourceSettings, dataSourceSrv } from './data-source';
import { editors } from './editors';
import { standardFields } from './field-config';
import { AppView, ConfigurationView } from './AppView';
import { DashboardList } from './dashboards/DashboardList';
import { DashboardView } from './dashboards/DashboardView';
import { PanelsView } from './PanelsView';
import { loadPanel, panelFromCache, shareModules } from './plugins';
import { runRequest } from './run-request';
import { templateSrv } from './template';
import { transformers } from './transformers';

const theme = createTheme({ colors: { mode: boot.theme } });

/** What Grafana sets up before it loads the first plugin. */
const start = async (): Promise<void> => {
  config.theme2 = theme;
  Object.assign(config.bootData, {
    user: {
      ...{
        id: 1,
        uid: 'u1',
        isSignedIn: true,
        login: boot.role.toLowerCase(),
        name: boot.role,
        orgRole: boot.role,
        orgId: 1,
      },
      ...{ isGrafanaAdmin: false, language: 'en-US', lightTheme: boot.theme === 'light', permissions: {} },
    },
  });
  config.namespace = 'default';
  setBackendSrv(backendSrv);
  setDataSourceSrv(dataSourceSrv);
  initDataSourceInstanceSettings(dataSourceSettings, 'Prometheus');
  setTemplateSrv(templateSrv);
  setRunRequest(runRequest);
  setEchoSrv(new FakeEchoSrv());
  const events = new EventBusSrv();
  setAppEvents(events);
  setChromeHeaderHeightHook(() => 0);
  setReturnToPreviousHook(() => () => undefined);
  setPluginLinksHook(() => ({ links: [], isLoading: false }));
  setPluginComponentsHook(() => ({ components: [], isLoading: false }));
  setPluginComponentHook(() => ({ component: null, isLoading: false }));
  setPluginFunctionsHook(() => ({ functions: [], isLoading: false }));
  setPluginImportUtils({ importPanelPlugin: loadPanel, getPanelPluginFromCache: panelFromCache });
  setPluginPage(({ children, subTitle, actions }) => (
    <>
      {subTitle === undefined ? null : <p>{subTitle}</p>}
      {actions}
      {children}
    </>
  ));
  setPanelDataErrorView(({ message }) => <p style={{ padding: 8 }}>{message ?? 'No data'}</p>);
  standardEditorsRegistry.setInit(() => editors);
  standardFieldConfigEditorRegistry.setInit(() => standardFields);
  standardTransformersRegistry.setInit(() => transformers);
  locationUtil.initialize({
    ...{ config: config as never, getVariablesUrlParams: () => ({}) },
    getTimeRangeForUrl: () => ({ from: 'now-1h', to: 'now' }),
  });
  await initPluginTranslations('grafana-preview');
  shareModules();
  createRoot(document.getElementById('root') ?? document.body).render(<Host />);
};

const Host = () => (
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <ModalsProvider>
      <History>
        <Chrome>
          <Routes>
            <Route path="/a/:id/*" element={<AppView />} />
            <Route path="/plugins/:id" element={<ConfigurationView />} />
            <Route path="/dashboards" element={<DashboardList />} />
            <Route path="/d/:uid/:slug?" element={<DashboardView />} />
            <Route path="/panels" element={<PanelsView />} />
            <Route path="*" element={<Navigate to={`/a/${boot.plugin.id}${location.search}`} replace />} />
          </Routes>
        </Chrome>
      </History>
      <ModalRoot />
      <PortalContainer />
    </ModalsProvider>
  </ThemeContext.Provider>
);

/** Grafana's history, which Scenes and links use, as the router's. */
const History = ({ children }: { readonly children: ReactNode }) => {
  const history = locationService.getHistory();
  const [current, setCurrent] = useState(history.location);
  useEffect(() => history.listen((next: typeof history.location) => setCurrent(next)), [history]);
  return (
    <LocationServiceProvider service={locationService}>
      <Router navigator={history} location={current} navigationType={history.action as never}>
        {children}
      </Router>
    </LocationServiceProvider>
  );
};

void start();
