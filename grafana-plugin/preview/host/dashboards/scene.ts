import type { DataTransformerConfig } from '@grafana/data';
import {
  behaviors,
  dataLayers,
  EmbeddedScene,
  type SceneDataQuery,
  SceneControlsSpacer,
  SceneReactObject,
  SceneDataLayerSet,
  SceneDataTransformer,
  SceneGridItem,
  type SceneGridItemLike,
  SceneGridLayout,
  SceneGridRow,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  VariableValueSelectors,
  VizPanel,
} from '@grafana/scenes';
import type { Dashboard, Panel } from '@grafana/schema';
import { LayerSwitches } from './LayerSwitches';
import { sectionsOf, withInfinity } from './layout';
import { variablesOf } from './variables';

const panelOf = (panel: Panel): VizPanel =>
  new VizPanel({
    ...{
      key: `panel-${panel.id}`,
      pluginId: panel.type,
      title: panel.title ?? '',
      description: panel.description ?? '',
    },
    ...{ options: panel.options ?? {}, fieldConfig: withInfinity(panel.fieldConfig) as never },
    $data: new SceneDataTransformer({
      transformations: (panel.transformations ?? []) as DataTransformerConfig[],
      $data: new SceneQueryRunner({
        ...(panel.datasource ? { datasource: panel.datasource } : {}),
        queries: (panel.targets ?? []) as unknown as SceneDataQuery[],
      }),
    }),
  });

const gridItemOf = (panel: Panel): SceneGridItem => {
  const { x = 0, y = 0, w = 12, h = 8 } = panel.gridPos ?? {};
  return new SceneGridItem({ key: `grid-item-${panel.id}`, x, y, width: w, height: h, body: panelOf(panel) });
};

const childrenOf = (dashboard: Dashboard): SceneGridItemLike[] =>
  sectionsOf(dashboard).flatMap(({ row, panels }): SceneGridItemLike[] => {
    const children = panels.map(gridItemOf);
    if (row === undefined) return children;
    const { id, title = '', collapsed, gridPos } = row;
    return [new SceneGridRow({ key: `row-${id}`, title, isCollapsed: collapsed, y: gridPos?.y ?? 0, children })];
  });

const layersOf = ({ annotations }: Dashboard): SceneDataLayerSet =>
  new SceneDataLayerSet({
    layers: (annotations?.list ?? []).map(
      (query) =>
        new dataLayers.AnnotationsDataLayer({
          ...{ key: `annotation-${query.name}`, name: query.name, query: query },
          ...{ isEnabled: query.enable, isHidden: query.hide ?? false },
        }),
    ),
  });

/** A dashboard of version 1, as Grafana writes and provisions it, in the parts that Grafana itself shows it with. */
export const sceneOf = (dashboard: Dashboard): EmbeddedScene => {
  const $data = layersOf(dashboard);
  return new EmbeddedScene({
    key: dashboard.uid ?? dashboard.title ?? '',
    $timeRange: new SceneTimeRange({ from: dashboard.time?.from ?? 'now-6h', to: dashboard.time?.to ?? 'now' }),
    $variables: variablesOf(dashboard),
    $data,
    $behaviors: [new behaviors.CursorSync({ sync: dashboard.graphTooltip })],
    controls: [
      new VariableValueSelectors({}),
      new SceneReactObject({ component: LayerSwitches, props: { layers: $data.state.layers } }),
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ isOnCanvas: true, refresh: dashboard.refresh ?? '' }),
    ],
    body: new SceneGridLayout({ isLazy: true, children: childrenOf(dashboard) }),
  });
};
