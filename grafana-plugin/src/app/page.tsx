import {
  type SceneComponentProps,
  type SceneObjectState,
  ConstantVariable,
  EmbeddedScene,
  QueryVariable,
  SceneControlsSpacer,
  SceneObjectBase,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneVariableSet,
  UrlSyncContextProvider,
  VariableValueSelectors,
  type VizPanel,
} from '@grafana/scenes';
import { PluginPage } from '@grafana/runtime';
import { VariableHide, VariableRefresh, VariableSort } from '@grafana/schema';
import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { type ComponentType, useMemo } from 'react';
import { useParams } from 'react-router-dom';
import { NoDataSource } from '../components/states';
import { variables } from '../prometheus/questions';
import type { View } from './about';
import { useSettings } from './settings-context';
import { useView } from './view';

export type Charts<K extends string = string> = Readonly<Record<K, VizPanel>>;

/** What a page's content gets: what it is about, and its charts, each to be drawn by `<Chart>`. */
export type ContentProps<K extends string> = { readonly view: View; readonly charts: Charts<K> };

export type PageDefinition<K extends string> = {
  /** Charts by PromQL, with `$cluster` and `$database`; `uid` is the data source's. */
  readonly charts: (uid: string) => Charts<K>;
  readonly Content: ComponentType<ContentProps<K>>;
  /** Parameters of the path that charts use, by the name of the variable that holds each. */
  readonly params?: Readonly<Record<string, string>>;
};

type PageState = SceneObjectState & { readonly charts: VizPanel[]; readonly names: string[] };

/** The body of a page: React, with charts that are part of the scene and so follow its time range and variables. */
class PageBody extends SceneObjectBase<PageState> {
  static Component = BodyComponent;
  constructor(
    charts: Charts,
    readonly Content: ComponentType<ContentProps<string>>,
  ) {
    super({ charts: Object.values(charts), names: Object.keys(charts) });
  }
}

function BodyComponent({ model }: SceneComponentProps<PageBody>) {
  const styles = useStyles2(stylesOf);
  const { charts, names } = model.useState();
  const view = useView(model);
  const byName = useMemo(
    () => Object.fromEntries(names.map((name, i) => [name, charts[i]])),
    [charts, names],
  ) as Charts;
  const { Content } = model;
  return (
    <div className={styles.column}>
      <Content view={view} charts={byName} />
    </div>
  );
}

/** No wider than the page, whatever is in it. */
const stylesOf = (theme: GrafanaTheme2) => ({
  column: css({ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: theme.spacing(2), width: '100%' }),
});

const variable = (uid: string, name: 'cluster' | 'database', label: string, query: string): QueryVariable =>
  new QueryVariable({
    ...{ name, label, datasource: { uid, type: 'prometheus' }, query: { query, refId: name } },
    ...{ includeAll: true, defaultToAll: true, allValue: '.*', refresh: VariableRefresh.onTimeRangeChanged },
    sort: VariableSort.alphabeticalAsc,
  });

const sceneOf = (uid: string, body: PageBody, constants: readonly ConstantVariable[]): EmbeddedScene =>
  new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-1h', to: 'now' }),
    $variables: new SceneVariableSet({
      variables: [
        variable(uid, 'cluster', 'Cluster', variables.cluster),
        variable(uid, 'database', 'Database', variables.database),
        ...constants,
      ],
    }),
    controls: [
      new VariableValueSelectors({}),
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ isOnCanvas: true, refresh: '30s' }),
    ],
    body,
  });

/** A page with the app's controls; all of its state is in the URL. */
export const definePage = <K extends string>({ charts, Content, params = {} }: PageDefinition<K>): ComponentType => {
  const Page = () => {
    const { prometheusUid: uid = '' } = useSettings();
    const found = useParams();
    const constants = Object.entries(params).map(([param, name]) => [name, found[param] ?? ''] as const);
    const named = constants.flat().join(' ');
    const scene = useMemo(
      () =>
        uid === ''
          ? undefined
          : sceneOf(
              uid,
              new PageBody(charts(uid), Content as ComponentType<ContentProps<string>>),
              constants.map(([name, value]) => new ConstantVariable({ name, value, hide: VariableHide.hideVariable })),
            ),
      // eslint-disable-next-line react-hooks/exhaustive-deps -- what the constants are is in `named`
      [uid, named],
    );
    if (scene === undefined) {
      return (
        <PluginPage>
          <NoDataSource />
        </PluginPage>
      );
    }
    return (
      <PluginPage>
        <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
          <scene.Component model={scene} />
        </UrlSyncContextProvider>
      </PluginPage>
    );
  };
  return Page;
};
