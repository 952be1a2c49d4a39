import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As much of a dashboard as it is found by. */
type Dashboard = {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly panels: unknown;
};

const isDashboard = (value: unknown): value is Dashboard => {
  const { uid, title, tags, panels } = value as Partial<Dashboard>;
  return typeof uid === 'string' && typeof title === 'string' && Array.isArray(tags) && Array.isArray(panels);
};

/** Read anew each time: what was just generated is what is shown. */
const dashboardsIn = (folder: string): readonly Dashboard[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .filter(isDashboard)
    .toSorted((a, b) => a.title.localeCompare(b.title));

/** `GET /api/search`: those that have all the tags. */
export const searchDashboards = (folder: string, wanted: readonly string[]): readonly object[] =>
  dashboardsIn(folder)
    .filter(({ tags }) => wanted.every((tag) => tags.includes(tag)))
    .map(({ uid, title, tags }) => ({ uid, title, tags, url: `/d/${uid}`, type: 'dash-db' }));

/** `GET /api/dashboards/uid/UID`; undefined: there is none. */
export const dashboardBy = (folder: string, uid: string): object | undefined => {
  const dashboard = dashboardsIn(folder).find((one) => one.uid === uid);
  return dashboard === undefined
    ? undefined
    : { dashboard, meta: { url: `/d/${uid}`, provisioned: true, canEdit: false } };
};
