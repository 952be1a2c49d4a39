import { createTheme, type PluginMeta, PluginContextProvider, ThemeContext } from '@grafana/data';
import { type BackendSrv, type BackendSrvRequest, config, setBackendSrv } from '@grafana/runtime';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';
import { MemoryRouter } from 'react-router-dom';
import { from } from 'rxjs';
import { SettingsProvider } from '../src/app/settings-context';
import { PLUGIN_ID } from '../src/constants';
import type { Settings } from '../src/settings';

export const settings: Settings = {
  ...{ prometheusUid: 'prom', databaseUrl: 'http://db:9091', queryUrl: 'http://query:9093', haUrl: 'http://ha:9094' },
};

/** What Grafana's server answers, by the beginning of the path; an error is thrown. What was asked is kept. */
export const answering = (answers: Readonly<Record<string, unknown>>): BackendSrvRequest[] => {
  const asked: BackendSrvRequest[] = [];
  const answer = async (request: BackendSrvRequest): Promise<unknown> => {
    asked.push(request);
    const [, found] = Object.entries(answers).find(([path]) => request.url.startsWith(path)) ?? [
      undefined,
      { status: 404, data: {} },
    ];
    const value: unknown =
      typeof found === 'function'
        ? (found as (one: BackendSrvRequest) => unknown)(request)
        : await Promise.resolve(found);
    if (isError(value)) throw value;
    return { data: value, status: 200, ok: true };
  };
  setBackendSrv({ fetch: (request: BackendSrvRequest) => from(answer(request)) } as unknown as BackendSrv);
  return asked;
};

const isError = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'status' in value &&
  typeof value.status === 'number' &&
  'data' in value;

export const seenBy = (role: 'Viewer' | 'Editor' | 'Admin'): void => {
  Object.assign(config.bootData, {
    user: { id: 7, uid: 'u7', login: 'ada', orgRole: role, isGrafanaAdmin: false, isSignedIn: true },
  });
};

type Options = { readonly path?: string; readonly with?: Settings };

/** A component within all that the app gives its pages. */
export const renderInApp = (
  children: ReactNode,
  { path = '/', with: given = settings }: Options = {},
): RenderResult => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, refetchInterval: false, gcTime: 0 } } });
  return render(
    <ThemeContext.Provider value={createTheme()}>
      <PluginContextProvider meta={{ id: PLUGIN_ID } as PluginMeta}>
        <MemoryRouter initialEntries={[path]} future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
          <QueryClientProvider client={client}>
            <SettingsProvider value={given}>{children}</SettingsProvider>
          </QueryClientProvider>
        </MemoryRouter>
      </PluginContextProvider>
    </ThemeContext.Provider>,
  );
};
