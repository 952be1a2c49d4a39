import { standardTransformers, type TransformerRegistryItem } from '@grafana/data';

const Nothing = () => null;

const { mergeTransformer, filterFieldsByNameTransformer, organizeFieldsTransformer } = standardTransformers;

/** What dashboards do with an answer before it is drawn: Grafana's own, those that ours use, without their editors. */
export const transformers: TransformerRegistryItem[] = [
  mergeTransformer,
  filterFieldsByNameTransformer,
  organizeFieldsTransformer,
].map((transformation) => ({
  ...{ id: transformation.id, name: transformation.name, description: transformation.description },
  ...{ transformation: () => Promise.resolve(transformation), editor: Nothing, imageDark: '', imageLight: '' },
}));
