import { type DashboardLink, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

export const TAG = 'submilli';
export const APP = '/a/submilli-postgresql-app';

/** Pages of the app; they read time, cluster and database from the URL. */
export type AppPage = 'overview' | 'health' | 'latency' | 'queries' | 'advice' | 'high-availability';

const common = { icon: 'external link', tooltip: '', tags: [], asDropdown: false, targetBlank: false };
const KEPT = '${__url_time_range}&${cluster:queryparam}';

export const otherDashboards: DashboardLink = {
  ...common,
  ...{ title: 'Submilli', type: DashboardLinkType.Dashboards, tags: [TAG], includeVars: true, keepTime: true },
};

export const appPage = (page: AppPage, title: string): DashboardLink => ({
  ...common,
  ...{ title, type: DashboardLinkType.Link, url: `${APP}/${page}`, includeVars: true, keepTime: true },
});

/** What a click on a value leads to; ${__data.fields.…} are of its row. */
export type DataLink = { readonly title: string; readonly url: string };

const inRow = (column: string): string => `\${__data.fields["${column}"]}`;

export const toStatement: DataLink = {
  title: 'Open the statement',
  url: `${APP}/queries/${inRow('target')}/${inRow('database')}/${inRow('queryid')}?${KEPT}`,
};

export const toAppPage = (page: AppPage, title: string): DataLink => ({ title, url: `${APP}/${page}?${KEPT}` });

/** A dashboard about the cluster and the database of a row. */
export const toDashboard = (uid: string, title: string, columns: readonly string[]): DataLink => ({
  title,
  url: `/d/${uid}?${['${__url_time_range}', ...columns.map((column) => `var-${column}=${inRow(column)}`)].join('&')}`,
});
