import {
  type VariableModel,
  VariableRefresh,
  VariableSort,
  VariableType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './targets';

export const datasourceVariable: VariableModel = {
  ...{ name: 'datasource', label: 'Data source', type: VariableType.Datasource, query: 'prometheus' },
  ...{ multi: false, includeAll: false, refresh: VariableRefresh.OnDashboardLoad, regex: '' },
};

/** Anything but a series that lacks the label, for "All". */
const ANY = '.+';

const valuesOf = (name: string, label: string, series: string): VariableModel => {
  const query = `label_values(${series}, ${name})`;
  return {
    ...{ name, label, type: VariableType.Query, datasource },
    ...{ query: { query, refId: `variable-${name}` }, definition: query, regex: '' },
    ...{ multi: true, includeAll: true, allValue: ANY },
    current: { selected: true, text: ['All'], value: ['$__all'] },
    ...{ refresh: VariableRefresh.OnTimeRangeChanged, sort: VariableSort.AlphabeticalAsc },
  };
};

export const serverVariables: readonly VariableModel[] = [
  valuesOf('cluster', 'Cluster', 'db_server_role'),
  valuesOf('target', 'Server', 'db_server_role{cluster=~"$cluster"}'),
  valuesOf('database', 'Database', 'db_performance_score{cluster=~"$cluster",target=~"$target"}'),
];

export const poolVariables: readonly VariableModel[] = [
  valuesOf('cluster', 'Cluster', 'db_pool_databases'),
  valuesOf('instance', 'PgBouncer', 'db_pool_databases{cluster=~"$cluster"}'),
  valuesOf('database', 'Database', 'db_pool_info{cluster=~"$cluster",instance=~"$instance"}'),
];

export const haVariables: readonly VariableModel[] = [
  valuesOf('cluster', 'Cluster', 'db_ha_members'),
  valuesOf('instance', 'Observer', 'db_ha_members{cluster=~"$cluster"}'),
];

export const fleetVariables: readonly VariableModel[] = [
  valuesOf('cluster', 'Cluster', 'db_server_role'),
  valuesOf('database', 'Database', 'db_performance_score{cluster=~"$cluster"}'),
];
