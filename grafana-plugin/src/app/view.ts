import { type SceneObject, sceneGraph, QueryVariable } from '@grafana/scenes';
import { useMemo } from 'react';
import type { View } from './about';

/** "All" of a variable, as Scenes writes it. */
const ALL = '$__all';

const useValue = (name: string, at: SceneObject): string => {
  const variable = sceneGraph.lookupVariable(name, at);
  if (!(variable instanceof QueryVariable)) throw new Error(`there is no variable ${name}`);
  const { value } = variable.useState();
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one !== 'string' || one === ALL ? '' : one;
};

export const useView = (at: SceneObject): View => {
  const { value } = sceneGraph.getTimeRange(at).useState();
  const cluster = useValue('cluster', at);
  const database = useValue('database', at);
  const [from, to] = [value.from.valueOf(), value.to.valueOf()];
  return useMemo(() => ({ from, to, cluster, database }), [from, to, cluster, database]);
};
