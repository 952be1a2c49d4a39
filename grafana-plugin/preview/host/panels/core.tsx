import { FieldType, getFieldDisplayName, PanelPlugin, type PanelProps, reduceField } from '@grafana/data';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  Table,
  TimeSeries,
  TooltipDisplayMode,
  useTheme2,
} from '@grafana/ui';
import { LegendDisplayMode } from '@grafana/schema';

/** Grafana's own panels are part of its server. These stand in for them, drawn by the same library of parts. */
export const corePanels = (): Readonly<Record<string, PanelPlugin>> => ({
  timeseries: withCommonFields(new PanelPlugin(TimeSeriesPanel)),
  stat: withCommonFields(new PanelPlugin(StatPanel)),
  gauge: withCommonFields(new PanelPlugin(StatPanel)),
  bargauge: withCommonFields(new PanelPlugin(StatPanel)),
  table: withCommonFields(new PanelPlugin(TablePanel)),
  'state-timeline': withCommonFields(new PanelPlugin(TimeSeriesPanel)),
  heatmap: withCommonFields(new PanelPlugin(TimeSeriesPanel)),
  text: new PanelPlugin(TextPanel),
});

const withCommonFields = (plugin: PanelPlugin): PanelPlugin => plugin.useFieldConfig();

const Nothing = () => <p style={{ padding: 8 }}>No data</p>;

const TimeSeriesPanel = ({
  data,
  timeRange,
  timeZone,
  width,
  height,
  options,
}: PanelProps<{ legend?: { showLegend?: boolean } }>) => {
  if (data.series.length === 0) return <Nothing />;
  const showLegend = options.legend?.showLegend !== false;
  const legend = { displayMode: LegendDisplayMode.List, placement: 'bottom' as const, showLegend, calcs: [] };
  return (
    <TimeSeries
      {...{ frames: data.series, timeRange, timeZone, width, height, legend }}
      options={{ tooltip: { mode: TooltipDisplayMode.Multi } }}
    />
  );
};

const StatPanel = ({ data, width, height }: PanelProps) => {
  const theme = useTheme2();
  const fields = data.series.flatMap((frame) =>
    frame.fields.filter(({ type }) => type === FieldType.number).map((field) => ({ frame, field })),
  );
  if (fields.length === 0) return <Nothing />;
  return (
    <div style={{ display: 'flex', width, height }}>
      {fields.map(({ frame, field }, i) => {
        const value: unknown = reduceField({ field, reducers: ['lastNotNull'] }).lastNotNull;
        const shown = field.display?.(value) ?? { text: String(value), numeric: Number(value) };
        return (
          <BigValue
            key={i}
            {...{ theme, height, width: width / fields.length }}
            value={{ ...shown, title: fields.length > 1 ? getFieldDisplayName(field, frame, data.series) : '' }}
            colorMode={BigValueColorMode.Value}
            graphMode={BigValueGraphMode.None}
            justifyMode={BigValueJustifyMode.Center}
          />
        );
      })}
    </div>
  );
};

const TablePanel = ({ data, width, height }: PanelProps) => {
  const [frame] = data.series;
  return frame === undefined ? <Nothing /> : <Table {...{ data: frame, width, height }} />;
};

const TextPanel = ({ options }: PanelProps<{ content?: string }>) => (
  <div style={{ padding: 8 }}>{options.content}</div>
);
