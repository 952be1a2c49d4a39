import { FieldType, type PanelProps } from '@grafana/data';
import { Badge, type BadgeColor } from '@grafana/ui';
import { isEmpty, Nothing } from './Nothing';

const COLORS: Readonly<Record<string, BadgeColor>> = { critical: 'red', warning: 'orange', info: 'blue' };

/** Grafana's list asks its own alerting; this one shows what the panel's query finds in Prometheus. */
export const AlertListPanel = ({ data, height, fieldConfig }: PanelProps) => {
  if (isEmpty(data)) return <Nothing {...{ data, fieldConfig }} />;
  const alerts = data.series.flatMap(({ fields }) =>
    fields.filter(({ type }) => type === FieldType.number).map(({ labels = {} }) => labels),
  );
  return (
    <ul style={{ height, overflow: 'auto', listStyle: 'none' }}>
      {alerts.map(({ alertname = '', severity = '', cluster = '' }) => (
        <li key={`${alertname} ${severity} ${cluster}`} style={{ padding: 4 }}>
          <Badge color={COLORS[severity] ?? 'blue'} text={severity} /> {alertname} {cluster}
        </li>
      ))}
    </ul>
  );
};
