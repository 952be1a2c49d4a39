import { PanelPlugin, type PanelProps } from '@grafana/data';
import { AlertListPanel } from './AlertListPanel';
import { BarGaugePanel } from './BarGaugePanel';
import { panelWith } from './custom-fields';
import { StateTimelinePanel } from './StateTimelinePanel';
import { StatPanel } from './StatPanel';
import { tableFields, TablePanel } from './TablePanel';
import { timeSeriesFields, TimeSeriesPanel } from './TimeSeriesPanel';

const TextPanel = ({ options }: PanelProps<{ content?: string }>) => <div>{options.content}</div>;

/** Grafana's own panels are part of its server. These stand in for them, drawn by the same library of parts. */
export const corePanels = (): Readonly<Record<string, PanelPlugin>> => ({
  timeseries: panelWith(TimeSeriesPanel, timeSeriesFields).setDataSupport({ annotations: true, alertStates: false }),
  stat: panelWith(StatPanel),
  bargauge: panelWith(BarGaugePanel),
  table: panelWith(TablePanel, tableFields),
  'state-timeline': panelWith(StateTimelinePanel, ['fillOpacity', 'lineWidth', 'spanNulls']),
  alertlist: panelWith(AlertListPanel),
  text: new PanelPlugin(TextPanel),
});
