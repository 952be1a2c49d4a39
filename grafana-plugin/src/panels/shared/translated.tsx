import type { PanelProps } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { LoadingPlaceholder } from '@grafana/ui';
import { type ComponentType, lazy, Suspense } from 'react';
import app from '../../plugin.json';

/**
 * A panel that is drawn when its texts, which are the app's, are there. All of its code is in its one module: Grafana
 * serves a nested panel from an address of its own, where chunks that it shares with the app would not be found.
 */
export const translated = <T,>(Panel: ComponentType<PanelProps<T>>): ComponentType<PanelProps<T>> => {
  const Ready = lazy(async () => {
    await initPluginTranslations(app.id);
    return { default: Panel };
  }) as unknown as ComponentType<PanelProps<T>>;
  const Translated = (props: PanelProps<T>) => (
    <Suspense fallback={<LoadingPlaceholder text="" />}>
      <Ready {...props} />
    </Suspense>
  );
  return Translated;
};
