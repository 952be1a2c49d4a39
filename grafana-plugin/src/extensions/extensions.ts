import { type AppPlugin, PluginExtensionPoints } from '@grafana/data';
import { lazy } from 'react';
import { ROOT } from '../constants';
import plugin from '../plugin.json';
import type { Settings } from '../settings';
import { ofAlert, ofPanel, ofRule, type Told } from './contexts';
import { placeOf } from './place';

// All of this is loaded with Grafana itself: keep it small.

/** What is known at a place of Grafana, by its name there. */
const readers: Readonly<Record<string, (context: unknown) => Told>> = {
  [PluginExtensionPoints.DashboardPanelMenu]: ofPanel,
  [PluginExtensionPoints.ExploreToolbarAction]: ofPanel,
  [PluginExtensionPoints.AlertingAlertingRuleAction]: ofRule,
  [PluginExtensionPoints.AlertInstanceAction]: ofAlert,
};

/** Where a link leads from what is known; nothing where the app has nothing to say. */
export const pathFrom = ({ hint, span }: Told): string | undefined => {
  const place = placeOf(hint);
  if (place === undefined) return undefined;
  const { page, cluster, database } = place;
  const query = new URLSearchParams({
    ...span,
    ...(cluster === undefined ? {} : { 'var-cluster': cluster }),
    ...(database === undefined ? {} : { 'var-database': database }),
  }).toString();
  return `${ROOT}/${page}${query === '' ? '' : `?${query}`}`;
};

/** A link stands at several points, and is told of none which: the one that makes sense of what it is told is it. */
const pathAt = (targets: readonly string[], context: unknown): string | undefined =>
  targets.map((target) => readers[target]?.(context)).flatMap((told) => (told && pathFrom(told)) ?? [])[0];

const Badge = lazy(async () => ({ default: await (await import('./HealthBadge')).readyBadge() }));

/** What the app adds to Grafana elsewhere, as plugin.json lists it: Grafana takes nothing that is not listed there. */
export const addExtensions = (app: AppPlugin<Settings>): void => {
  for (const { targets, title, description } of plugin.extensions.addedLinks) {
    app.addLink({
      ...{ targets, title, description, icon: 'heart-rate', path: ROOT },
      configure: (context) => {
        const path = pathAt(targets, context);
        return path === undefined ? undefined : { path };
      },
    });
  }
  for (const { id, title, description } of plugin.extensions.exposedComponents) {
    app.exposeComponent({ id, title, description, component: Badge });
  }
};
