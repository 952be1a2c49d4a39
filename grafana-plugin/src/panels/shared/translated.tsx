import type { PanelProps } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { type ComponentType, lazy, Suspense } from 'react';
import { LoadingPlaceholder } from '@grafana/ui';
import app from '../../plugin.json';

/** A panel whose code is loaded when it is first drawn, after its texts, which are the app's. */
export const translated = <T,>(load: () => Promise<ComponentType<PanelProps<T>>>): ComponentType<PanelProps<T>> => {
  const Ready = lazy(async () => {
    await initPluginTranslations(app.id);
    return { default: await load() };
  }) as unknown as ComponentType<PanelProps<T>>;
  const Panel = (props: PanelProps<T>) => (
    <Suspense fallback={<LoadingPlaceholder text="" />}>
      <Ready {...props} />
    </Suspense>
  );
  return Panel;
};
