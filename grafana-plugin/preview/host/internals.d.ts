declare module 'runtime-internal:components/PluginPage' {
  import type { ComponentType } from 'react';
  import type { PluginPageProps } from '@grafana/runtime';
  export const setPluginPage: (component: ComponentType<PluginPageProps>) => void;
}
declare module 'runtime-internal:components/PanelDataErrorView' {
  import type { ComponentType } from 'react';
  import type { PanelDataErrorViewProps } from '@grafana/runtime';
  export const setPanelDataErrorView: (component: ComponentType<PanelDataErrorViewProps>) => void;
}
declare module 'runtime-internal:services/dataSource/settings' {
  import type { DataSourceInstanceSettings } from '@grafana/data';
  export const initDataSourceInstanceSettings: (
    settings: Record<string, DataSourceInstanceSettings>,
    defaultName: string,
  ) => void;
}
declare module '*.css';
