import { dateTime, type PanelProps } from '@grafana/data';
import { type LegendDisplayMode, SortOrder, TooltipDisplayMode } from '@grafana/schema';
import { TimeSeries, TooltipPlugin, ZoomPlugin } from '@grafana/ui';
import { AnnotationMarks } from './AnnotationMarks';
import { isEmpty, Nothing } from './Nothing';

type Options = {
  readonly legend?: {
    readonly showLegend?: boolean;
    readonly displayMode?: LegendDisplayMode;
    readonly placement?: 'bottom' | 'right';
    readonly calcs?: string[];
  };
};

/** Of the fields of a time series, those that dashboards and pages set. */
export const timeSeriesFields = [
  ...['drawStyle', 'lineInterpolation', 'lineWidth', 'lineStyle', 'fillOpacity', 'showPoints', 'spanNulls', 'stacking'],
  ...['axisPlacement', 'axisSoftMin', 'axisSoftMax', 'axisLabel', 'scaleDistribution', 'thresholdsStyle', 'hideFrom'],
];

export const TimeSeriesPanel = (props: PanelProps<Options>) => {
  const { data, timeRange, timeZone, width, height, options, fieldConfig, onChangeTimeRange } = props;
  if (isEmpty(data)) return <Nothing {...{ data, fieldConfig }} />;
  const {
    showLegend = true,
    displayMode = 'list' as LegendDisplayMode,
    placement = 'bottom',
    calcs = [],
  } = options.legend ?? {};
  return (
    <TimeSeries
      {...{ frames: data.series, timeRange, timeZone, width, height }}
      legend={{ displayMode, placement, showLegend, calcs }}
      options={options}
    >
      {(config, aligned) => (
        <>
          <ZoomPlugin
            config={config}
            onZoom={({ from, to }) => onChangeTimeRange({ from: dateTime(from).valueOf(), to: dateTime(to).valueOf() })}
          />
          <TooltipPlugin
            {...{ config, timeZone, data: aligned, frames: data.series }}
            mode={TooltipDisplayMode.Multi}
            sortOrder={SortOrder.Descending}
          />
          <AnnotationMarks config={config} annotations={data.annotations ?? []} />
        </>
      )}
    </TimeSeries>
  );
};
