import { type SceneGridLayout, SceneGridRow, type SceneObject, VizPanel } from '@grafana/scenes';
import type { Dashboard } from '@grafana/schema';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corePanels } from '../panels/core';
import { sectionsOf, withInfinity } from './layout';
import { type Found, linksOf } from './links';
import { sceneOf } from './scene';
import { variablesOf } from './variables';

const folder = join(__dirname, '..', '..', '..', '..', 'dashboards');
const committed = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !/^(package|tsconfig)/.test(name))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Dashboard);

const panel = (id: number, y: number) => ({ id, type: 'stat', title: `${id}`, gridPos: { x: 0, y, w: 6, h: 4 } });
const dashboard = (more: Partial<Dashboard>): Dashboard => ({ uid: 'one', title: 'One', ...more }) as Dashboard;

describe('a dashboard’s panels', () => {
  it('are under the heading before them, those of a closed heading inside it, and those before the first under none', () => {
    const panels = [
      panel(1, 0),
      { id: 2, type: 'row', title: 'Open', collapsed: false, panels: [] },
      panel(3, 5),
      panel(4, 5),
      { id: 5, type: 'row', title: 'Closed', collapsed: true, panels: [panel(6, 11)] },
    ] as unknown as NonNullable<Dashboard['panels']>;
    const sections = sectionsOf(dashboard({ panels }));
    expect(sections.map(({ row, panels: own }) => [row?.title, own.map(({ id }) => id)])).toEqual([
      [undefined, [1]],
      ['Open', [3, 4]],
      ['Closed', [6]],
    ]);
  });

  it('have thresholds that begin at −∞, which JSON writes as null', () => {
    const thresholds = {
      mode: 'absolute',
      steps: [
        { value: null, color: 'green' },
        { value: 0, color: 'red' },
      ],
    };
    const config = { defaults: { thresholds, decimals: null }, overrides: [{ properties: [{ value: thresholds }] }] };
    const steps = [
      { value: -Infinity, color: 'green' },
      { value: 0, color: 'red' },
    ];
    expect(withInfinity(config)).toEqual({
      defaults: { thresholds: { mode: 'absolute', steps }, decimals: null },
      overrides: [{ properties: [{ value: { mode: 'absolute', steps } }] }],
    });
  });
});

describe('a dashboard’s links', () => {
  const link = { asDropdown: false, icon: '', targetBlank: false, tooltip: '', tags: [], title: 'Queries' };
  const all: Found[] = ['one', 'two'].map((uid) => ({ uid, title: uid, url: `/d/${uid}` }));
  const search = '?from=now-3h&to=now&var-cluster=a&var-cluster=b&theme=light';

  it('lead to the others with its tags, and take time and variables along', () => {
    const links = [{ ...link, type: 'dashboards' as const, tags: ['x'], keepTime: true, includeVars: true }];
    const found = jest.fn(() => all);
    expect(linksOf(dashboard({ links }), search, found)).toEqual([
      { title: 'two', href: '/d/two?from=now-3h&to=now&var-cluster=a&var-cluster=b' },
    ]);
    expect(found).toHaveBeenCalledWith(['x']);
  });

  it('take along no more than they say', () => {
    const to = (more: { keepTime: boolean; includeVars: boolean }) => ({
      ...link,
      type: 'link' as const,
      url: '/a/app/queries?sort=time',
      ...more,
    });
    const links = [
      to({ keepTime: true, includeVars: false }),
      to({ keepTime: false, includeVars: true }),
      to({ keepTime: false, includeVars: false }),
    ];
    expect(linksOf(dashboard({ links }), search, () => all).map(({ href }) => href)).toEqual([
      '/a/app/queries?sort=time&from=now-3h&to=now',
      '/a/app/queries?sort=time&var-cluster=a&var-cluster=b',
      '/a/app/queries?sort=time',
    ]);
  });
});

describe('a dashboard’s variables', () => {
  const variable = { name: 'cluster', label: 'Cluster', type: 'query' as const, multi: true, includeAll: true };

  it('are asked for as they are written, with “All” as it is to be', () => {
    const query = { query: 'label_values(up, cluster)', refId: 'A' };
    const datasource = { type: 'prometheus', uid: '${datasource}' };
    const list = [{ ...variable, query, datasource, allValue: '.+', current: { text: ['All'], value: ['$__all'] } }];
    const [one] = variablesOf(dashboard({ templating: { list } })).state.variables;
    expect(one?.state).toMatchObject({
      name: 'cluster',
      isMulti: true,
      includeAll: true,
      allValue: '.+',
      query,
      datasource,
    });
    expect((one?.getValue() as unknown as { formatter: () => string }).formatter()).toBe('.+');
  });

  it('of another type are refused by name rather than left out', () => {
    const list = [{ ...variable, type: 'adhoc' as const }];
    expect(() => variablesOf(dashboard({ templating: { list } }))).toThrow(/type adhoc: cluster/);
  });
});

const childrenOf = (scene: ReturnType<typeof sceneOf>): readonly SceneObject[] =>
  (scene.state.body as SceneGridLayout).state.children;

const panelsIn = (scene: SceneObject): readonly VizPanel[] => {
  const found: VizPanel[] = [];
  scene.forEachChild((child) => {
    found.push(...(child instanceof VizPanel ? [child as VizPanel] : panelsIn(child)));
  });
  return found;
};

describe('the committed dashboards', () => {
  it('are there', () => expect(committed.length).toBe(5));

  it.each(committed)('$uid is a scene with all its headings and panels', (one) => {
    const scene = sceneOf(one);
    const sections = sectionsOf(one);
    const rows = childrenOf(scene).filter((child) => child instanceof SceneGridRow);
    expect(rows.map(({ state }) => [state.title, state.isCollapsed])).toEqual(
      sections.map(({ row }) => [row?.title, row?.collapsed]),
    );
    expect(panelsIn(scene).map(({ state }) => state.title)).toEqual(
      sections.flatMap(({ panels }) => panels.map(({ title }) => title)),
    );
  });

  it.each(committed)('$uid has no panel that the preview cannot draw', (one) => {
    const known = Object.keys(corePanels());
    const types = sectionsOf(one).flatMap(({ panels }) => panels.map(({ type }) => type));
    expect(types.filter((type) => !type.startsWith('submilli-') && !known.includes(type))).toEqual([]);
  });
});
