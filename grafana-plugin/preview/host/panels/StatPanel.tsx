import {
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  type FieldDisplay,
  type PanelProps,
  type ReduceDataOptions,
  VizOrientation,
} from '@grafana/data';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  useTheme2,
  VizRepeater,
} from '@grafana/ui';
import { problemIn } from './Nothing';

type Options = {
  readonly reduceOptions?: ReduceDataOptions;
  readonly orientation?: VizOrientation;
  readonly colorMode?: BigValueColorMode;
  readonly graphMode?: BigValueGraphMode;
  readonly justifyMode?: BigValueJustifyMode;
  readonly textMode?: BigValueTextMode;
  readonly wideLayout?: boolean;
};

export const lastValue: ReduceDataOptions = { values: false, calcs: ['lastNotNull'], fields: '' };

export const StatPanel = (props: PanelProps<Options>) => {
  const { data, width, height, options, fieldConfig, replaceVariables, renderCounter, timeZone } = props;
  const theme = useTheme2();
  const problem = problemIn(data);
  if (problem !== undefined && data.series.length === 0) return <p role="alert">{problem}</p>;
  const { reduceOptions = lastValue, graphMode = BigValueGraphMode.None, orientation = VizOrientation.Auto } = options;
  const values = (): FieldDisplay[] =>
    getFieldDisplayValues({
      ...{ data: data.series, reduceOptions, fieldConfig, replaceVariables, theme, timeZone },
      sparkline: graphMode !== BigValueGraphMode.None,
    });
  return (
    <VizRepeater
      {...{ width, height, renderCounter, orientation, source: data, getValues: values, autoGrid: true }}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width: w, height: h, count, alignmentFactors }) => (
        <BigValue
          {...{ theme, width: w, height: h, value: value.display, count, graphMode, alignmentFactors }}
          {...(value.sparkline === undefined ? {} : { sparkline: value.sparkline })}
          colorMode={options.colorMode ?? BigValueColorMode.Value}
          justifyMode={options.justifyMode ?? BigValueJustifyMode.Auto}
          textMode={options.textMode ?? BigValueTextMode.Auto}
          disableWideLayout={options.wideLayout === false}
        />
      )}
    />
  );
};
