import type { AppRootProps } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Navigate, Route, Routes, useLocation } from 'react-router-dom';
import { createQueryClient } from '../api/use-exporters';
import { Loading } from '../components/states';
import { PLUGIN_ID, ROOT } from '../constants';
import type { Settings } from '../settings';
import { HOME, pages } from './pages';
import { SettingsProvider } from './settings-context';

/** Texts are there before the first page is drawn. */
const Ready = lazy(async () => {
  await initPluginTranslations(PLUGIN_ID);
  await initPluginTranslations('grafana-scenes');
  return { default: AppRoutes };
});

export const App = ({ meta }: AppRootProps<Settings>) => {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <SettingsProvider value={meta.jsonData ?? {}}>
        <Suspense fallback={<Loading />}>
          <Ready />
        </Suspense>
      </SettingsProvider>
    </QueryClientProvider>
  );
};

const AppRoutes = () => {
  const { search } = useLocation();
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        {pages.map(({ path, Component }) => (
          <Route key={path} path={path} element={<Component />} />
        ))}
        <Route path="*" element={<Navigate to={`${ROOT}/${HOME}${search}`} replace />} />
      </Routes>
    </Suspense>
  );
};
