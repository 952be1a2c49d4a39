import { PanelPlugin, VisualizationSuggestionScore } from '@grafana/data';
import { translated } from '../shared/translated';
import { LatencyDistributionPanel } from './LatencyDistributionPanel';
import { kindIn } from './distribution';
import { DEFAULTS, type LatencyDistributionOptions } from './options';

export const plugin = new PanelPlugin<LatencyDistributionOptions>(translated(LatencyDistributionPanel))
  .setPanelOptions((builder) =>
    builder
      .addRadio({
        path: 'view',
        name: 'View',
        defaultValue: DEFAULTS.view,
        settings: {
          options: [
            { value: 'auto', label: 'Auto' },
            { value: 'heatmap', label: 'Heat map' },
            { value: 'quantiles', label: 'Quantiles' },
            { value: 'targets', label: 'Targets' },
          ],
        },
      })
      .addTextInput({
        ...{ path: 'targets', name: 'Targets', description: 'What quantiles should stay within, as in P99: 2.5 ms' },
        ...{ defaultValue: DEFAULTS.targets, settings: { useTextarea: true, rows: 3 } },
      })
      .addMultiSelect({
        ...{ path: 'quantiles', name: 'Quantiles', defaultValue: DEFAULTS.quantiles as never },
        settings: {
          options: [50, 75, 90, 95, 99, 99.5, 99.9, 99.99].map((value) => ({ value, label: `P${value}` })) as never,
        },
      })
      .addRadio({
        ...{ path: 'unit', name: 'Values are in', defaultValue: DEFAULTS.unit },
        settings: {
          options: [
            { value: 's', label: 'seconds' },
            { value: 'ms', label: 'milliseconds' },
          ],
        },
      }),
  )
  .setSuggestionsSupplier(({ rawFrames = [] }) => {
    const kind = kindIn(rawFrames);
    if (kind === undefined) return [];
    const score = VisualizationSuggestionScore.Good;
    const targets = { name: 'Latency against targets', score, options: { ...DEFAULTS, view: 'targets' as const } };
    const drawn = { score: VisualizationSuggestionScore.Best, options: DEFAULTS };
    return [{ name: kind === 'buckets' ? 'Latency heat map' : 'Latency quantiles', ...drawn }, targets];
  });
