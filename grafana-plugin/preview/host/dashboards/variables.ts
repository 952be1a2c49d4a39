import { DataSourceVariable, QueryVariable, SceneVariableSet, type VariableValue } from '@grafana/scenes';
import type { Dashboard, VariableModel } from '@grafana/schema';

const variableOf = (model: VariableModel): DataSourceVariable | QueryVariable => {
  const { name, label, current, multi = false, includeAll = false, regex = '' } = model;
  const common = { name, label: label ?? name, isMulti: multi, includeAll, regex };
  const chosen =
    current === undefined ? {} : { value: current.value as VariableValue, text: current.text as VariableValue };
  switch (model.type) {
    case 'datasource':
      return new DataSourceVariable({ ...common, ...chosen, pluginId: model.query as string });
    case 'query':
      return new QueryVariable({
        ...{ ...common, ...chosen, datasource: model.datasource ?? null, query: model.query as never },
        ...(model.allValue ? { allValue: model.allValue } : {}),
        ...(model.refresh === undefined ? {} : { refresh: model.refresh }),
        ...(model.sort === undefined ? {} : { sort: model.sort }),
      });
    default:
      throw new Error(`the preview has no variables of the type ${model.type}: ${name}`);
  }
};

export const variablesOf = ({ templating }: Dashboard): SceneVariableSet =>
  new SceneVariableSet({ variables: (templating?.list ?? []).map(variableOf) });
