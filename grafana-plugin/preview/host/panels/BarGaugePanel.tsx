import {
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  type FieldDisplay,
  type PanelProps,
  type ReduceDataOptions,
  VizOrientation,
} from '@grafana/data';
import { BarGaugeDisplayMode, BarGaugeNamePlacement, BarGaugeValueMode } from '@grafana/schema';
import { BarGauge, useTheme2, VizRepeater } from '@grafana/ui';
import { isEmpty, Nothing } from './Nothing';
import { lastValue } from './StatPanel';

type Options = {
  readonly reduceOptions?: ReduceDataOptions;
  readonly orientation?: VizOrientation;
  readonly displayMode?: BarGaugeDisplayMode;
  readonly valueMode?: BarGaugeValueMode;
  readonly namePlacement?: BarGaugeNamePlacement;
  readonly showUnfilled?: boolean;
  readonly minVizWidth?: number;
  readonly minVizHeight?: number;
  readonly maxVizHeight?: number;
};

export const BarGaugePanel = (props: PanelProps<Options>) => {
  const { data, width, height, options, fieldConfig, replaceVariables, renderCounter, timeZone } = props;
  const theme = useTheme2();
  if (isEmpty(data)) return <Nothing {...{ data, fieldConfig }} />;
  const { reduceOptions = lastValue, orientation = VizOrientation.Horizontal } = options;
  const { minVizWidth = 8, minVizHeight = 16, maxVizHeight = 300 } = options;
  const values = (): FieldDisplay[] =>
    getFieldDisplayValues({
      ...{ data: data.series, reduceOptions, fieldConfig, replaceVariables, theme, timeZone },
    });
  return (
    <VizRepeater
      {...{ width, height, renderCounter, orientation, source: data, getValues: values }}
      {...{ minVizWidth, minVizHeight, maxVizHeight, itemSpacing: 8 }}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width: w, height: h, alignmentFactors }) => (
        <BarGauge
          {...{ theme, width: w, height: h, orientation, alignmentFactors, field: value.field, value: value.display }}
          {...(value.view === undefined || value.colIndex === undefined
            ? {}
            : { display: value.view.getFieldDisplayProcessor(value.colIndex) })}
          displayMode={options.displayMode ?? BarGaugeDisplayMode.Basic}
          valueDisplayMode={options.valueMode ?? BarGaugeValueMode.Color}
          namePlacement={options.namePlacement ?? BarGaugeNamePlacement.Auto}
          showUnfilled={options.showUnfilled ?? true}
        />
      )}
    />
  );
};
