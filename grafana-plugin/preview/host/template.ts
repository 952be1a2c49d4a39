import type { ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';
import { type InterpolationFormatParameter, sceneGraph, type SceneObject } from '@grafana/scenes';

type SceneScope = { readonly __sceneObject?: { readonly value: SceneObject | { valueOf: () => SceneObject } } };

/** Variables of scenes are theirs to fill in; of dashboards, the preview's. */
export const createTemplateSrv = (variables: () => Readonly<Record<string, string>>): TemplateSrv => ({
  getVariables: () => [],
  containsTemplate: (text = '') => /\$\w|\$\{/.test(text),
  updateTimeRange: () => undefined,
  replace: (text = '', scopedVars?: ScopedVars, format?: InterpolationFormatParameter) => {
    const scene = (scopedVars as SceneScope | undefined)?.__sceneObject?.value.valueOf() as SceneObject | undefined;
    if (scene !== undefined) return sceneGraph.interpolate(scene, text, scopedVars, format);
    const known = variables();
    return text.replaceAll(/\$(\w+)|\$\{(\w+)(?::\w+)?\}/g, (whole, a?: string, b?: string) => {
      const name = a ?? b ?? '';
      const scoped: unknown = scopedVars?.[name]?.value;
      if (scoped === undefined) return known[name] ?? whole;
      return typeof scoped === 'string' ? scoped : JSON.stringify(scoped);
    });
  },
});
