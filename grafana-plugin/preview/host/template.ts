import type { ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';
import { type InterpolationFormatParameter, sceneGraph, type SceneObject } from '@grafana/scenes';

type SceneScope = { readonly __sceneObject?: { readonly value: SceneObject | { valueOf: () => SceneObject } } };

/** Variables of scenes are theirs to fill in. */
export const templateSrv: TemplateSrv = {
  getVariables: () => [],
  containsTemplate: (text = '') => /\$\w|\$\{/.test(text),
  updateTimeRange: () => undefined,
  replace: (text = '', scopedVars?: ScopedVars, format?: InterpolationFormatParameter) => {
    const scene = (scopedVars as SceneScope | undefined)?.__sceneObject?.value.valueOf() as SceneObject | undefined;
    if (scene !== undefined) return sceneGraph.interpolate(scene, text, scopedVars, format);
    return text.replaceAll(/\$(\w+)|\$\{(\w+)(?::\w+)?\}/g, (whole, a?: string, b?: string) => {
      const name = a ?? b ?? '';
      const scoped: unknown = scopedVars?.[name]?.value;
      if (scoped === undefined) return whole;
      return typeof scoped === 'string' ? scoped : JSON.stringify(scoped);
    });
  },
};
