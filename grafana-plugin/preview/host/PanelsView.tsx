import { PluginContextProvider } from '@grafana/data';
import {
  EmbeddedScene,
  SceneCSSGridLayout,
  SceneControlsSpacer,
  SceneQueryRunner,
  SceneTimePicker,
  SceneTimeRange,
  VizPanel,
} from '@grafana/scenes';
import { useMemo } from 'react';
import { boot } from './boot';

const datasource = { uid: 'prometheus', type: 'prometheus' };

const panel = (pluginId: string, title: string, options: object, queries: readonly object[]): VizPanel =>
  new VizPanel({
    ...{ pluginId, title, options },
    $data: new SceneQueryRunner({
      datasource,
      queries: queries.map((query, i) => ({ refId: String.fromCharCode(65 + i), ...query })),
    }),
  });

const buckets = {
  expr: 'sum by (le) (increase(db_query_latency_seconds_bucket{phase=~"execute|simple"}[1m]))',
  ...{ legendFormat: '{{le}}', range: true, format: 'heatmap' },
};

/** The app's panels as they stand in anybody's dashboard, with their defaults. */
const sceneOf = (): EmbeddedScene =>
  new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-30m', to: 'now' }),
    controls: [new SceneControlsSpacer(), new SceneTimePicker({ isOnCanvas: true })],
    body: new SceneCSSGridLayout({
      templateColumns: 'repeat(auto-fit, minmax(min(100%, 560px), 1fr))',
      autoRows: '380px',
      children: [
        panel('submilli-healthscore-panel', 'Health score', {}, [
          { expr: 'min by (database) (db_performance_score)', range: true },
          { expr: 'min by (database, component) (db_performance_score_component)', range: true },
        ]),
        panel('submilli-latencydistribution-panel', 'Latency distribution: heat map', {}, [buckets]),
        panel('submilli-latencydistribution-panel', 'Latency distribution: targets', { view: 'targets' }, [buckets]),
        panel('submilli-recommendations-panel', 'Recommendations', {}, [
          { expr: 'vector(0)', range: false, instant: true },
        ]),
      ],
    }),
  });

export const PanelsView = () => {
  const scene = useMemo(sceneOf, []);
  return (
    <PluginContextProvider meta={boot.meta}>
      <scene.Component model={scene} />
    </PluginContextProvider>
  );
};
