import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { SceneQueryRunner, VizPanel } from '@grafana/scenes';
import { useStyles2 } from '@grafana/ui';

/** One line or set of lines of a chart. */
export type Line = { readonly expr: string; readonly legend?: string };

export type ChartOptions = {
  readonly title: string;
  readonly description: string;
  readonly lines: readonly Line[];
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
};

/** Lines over the page's time, by the user's Prometheus; Grafana adds its own menu, with a way to Explore. */
export const timeseries = (uid: string, { title, description, lines, unit, ...limits }: ChartOptions): VizPanel =>
  new VizPanel({
    ...{ pluginId: 'timeseries', title, description },
    $data: new SceneQueryRunner({
      datasource: { uid, type: 'prometheus' },
      queries: lines.map(({ expr, legend = '' }, i) => ({
        ...{ refId: String.fromCharCode(65 + i), expr, legendFormat: legend, range: true, instant: false },
      })),
    }),
    fieldConfig: {
      defaults: { unit, ...limits, custom: { fillOpacity: 8, showPoints: 'never', spanNulls: false } },
      overrides: [],
    },
    options: { legend: { showLegend: true, displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
  });

/** Where a chart of the page stands. */
export const Chart = ({ panel, height = 260 }: { readonly panel: VizPanel; readonly height?: number }) => {
  const styles = useStyles2(stylesOf);
  return (
    <div className={styles} style={{ height }}>
      <panel.Component model={panel} />
    </div>
  );
};

const stylesOf = (_theme: GrafanaTheme2) =>
  css({ position: 'relative', minWidth: 0, display: 'flex', '& > *': { flexGrow: 1 } });
