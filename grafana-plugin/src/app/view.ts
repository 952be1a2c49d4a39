import { type SceneObject, sceneGraph, QueryVariable } from '@grafana/scenes';
import { useMemo } from 'react';

/** What a page is about, from its controls and so from the URL. Times in milliseconds since the epoch. */
export type View = {
  readonly from: number;
  readonly to: number;
  /** Empty: whatever there is. */
  readonly cluster: string;
  readonly database: string;
};

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

/** Label matchers that stand for what a page is about; both variables work with "All". */
export const OF_CLUSTER = 'cluster=~"$cluster"';
export const OF_DATABASE = 'cluster=~"$cluster", database=~"$database"';

/** The same for queries that are not a scene's own. */
export const matchers = ({ cluster, database }: View, more: readonly string[] = []): string =>
  [
    ...(cluster === '' ? [] : [`cluster=${JSON.stringify(cluster)}`]),
    ...(database === '' ? [] : [`database=${JSON.stringify(database)}`]),
    ...more,
  ].join(', ');
