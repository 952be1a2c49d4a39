import { cacheFieldDisplayNames, type PanelProps } from '@grafana/data';
import { useMemo } from 'react';
import type { TableCellHeight } from '@grafana/schema';
import { TableNG } from '@grafana/ui/unstable';
import { isEmpty, Nothing } from './Nothing';

type Options = {
  readonly showHeader?: boolean;
  readonly cellHeight?: TableCellHeight;
  readonly sortBy?: { displayName: string; desc?: boolean }[];
};

export const tableFields = ['width', 'minWidth', 'align', 'cellOptions', 'filterable', 'inspect', 'hideFrom'];

export const TablePanel = ({ data, width, height, options, fieldConfig, timeRange }: PanelProps<Options>) => {
  const frame = useMemo(() => {
    cacheFieldDisplayNames(data.series);
    return data.series[0];
  }, [data.series]);
  if (frame === undefined || frame.fields.length === 0 || isEmpty(data)) return <Nothing {...{ data, fieldConfig }} />;
  return (
    <TableNG
      {...{ data: frame, width, height, timeRange, fieldConfig, transparent: true }}
      {...(options.sortBy === undefined ? {} : { sortBy: options.sortBy })}
      {...(options.cellHeight === undefined ? {} : { cellHeight: options.cellHeight })}
      noHeader={options.showHeader === false}
    />
  );
};
