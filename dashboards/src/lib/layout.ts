import type { Dashboard, Panel, RowPanel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type DashboardLink, DashboardCursorSync } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './annotations';
import { type AppPage, appPage, otherDashboards, TAG } from './links';
import { datasourceVariable } from './variables';

/** x, y, width and height on a grid of 24 columns; y counts from below the section's heading. */
export type Place = readonly [x: number, y: number, w: number, h: number];

/** A panel at its place. Its id stays when others come and go: links and alerts name it. */
export type Placed = { readonly id: number; readonly place: Place; readonly panel: Panel };

export const at = (id: number, place: Place, panel: Panel): Placed => ({ id, place, panel });

export type Section = {
  readonly id: number;
  readonly title: string;
  readonly panels: readonly Placed[];
  /** Opened by a click: what changes slowly is not asked for each time that somebody looks. */
  readonly closed: boolean;
};

export const section = (id: number, title: string, ...panels: readonly Placed[]): Section => ({
  ...{ id, title, panels, closed: false },
});

export const closed = (one: Section): Section => ({ ...one, closed: true });

const heightOf = ({ panels, closed: isClosed }: Section): number =>
  1 + (isClosed ? 0 : Math.max(0, ...panels.map(({ place: [, y, , h] }) => y + h)));

const headingOf = ({ id, title, closed: collapsed }: Section, y: number, panels: Panel[]): RowPanel => ({
  ...{ id, type: 'row', title, collapsed, gridPos: { x: 0, y, w: 24, h: 1 }, panels },
});

const panelsOf = (sections: readonly Section[]): (Panel | RowPanel)[] => {
  let top = 0;
  return sections.flatMap((one) => {
    const y = top;
    top += heightOf(one);
    const placed = one.panels.map(({ id, place: [x, down, w, h], panel }): Panel => {
      const { type, title, ...rest } = panel;
      return { id, type, title: title ?? '', gridPos: { x, y: y + 1 + down, w, h }, ...rest };
    });
    // A closed one holds its panels itself, at the places they have when it is opened.
    return one.closed ? [headingOf(one, y, placed)] : [headingOf(one, y, []), ...placed];
  });
};

export type Spec = {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableModel[];
  /** The app's pages on the same subject. */
  readonly pages: readonly (readonly [AppPage, string])[];
  readonly sections: readonly Section[];
};

const SCHEMA_VERSION = 41;

export const dashboardOf = ({ uid, title, description, variables, pages, sections }: Spec): Dashboard => ({
  ...{ uid, title, description, tags: [TAG, 'postgresql'], timezone: 'browser', editable: false },
  ...{ schemaVersion: SCHEMA_VERSION, graphTooltip: DashboardCursorSync.Crosshair, refresh: '30s' },
  time: { from: 'now-1h', to: 'now' },
  links: [otherDashboards, ...pages.map(([page, name]): DashboardLink => appPage(page, name))],
  templating: { list: [datasourceVariable, ...variables] },
  annotations: { list: annotations },
  panels: panelsOf(sections),
});
