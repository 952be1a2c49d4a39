import { PanelPlugin, VisualizationSuggestionScore } from '@grafana/data';
import { exporters } from '../../settings';
import { translated } from '../shared/translated';
import { RecommendationsPanel } from './RecommendationsPanel';
import { countsIn } from './choose';
import { DEFAULTS, type RecommendationsOptions } from './options';

export const plugin = new PanelPlugin<RecommendationsOptions>(translated(RecommendationsPanel))
  .setPanelOptions((builder) =>
    builder
      .addMultiSelect({
        ...{ path: 'exporters', name: 'Exporters', description: 'Whose advice; none chosen: all' },
        defaultValue: DEFAULTS.exporters as never,
        settings: { options: exporters.map((value) => ({ value, label: value })) as never },
      })
      .addRadio({
        ...{ path: 'severity', name: 'At least', defaultValue: DEFAULTS.severity },
        settings: {
          options: [
            { value: 'info', label: 'Info' },
            { value: 'warning', label: 'Warning' },
            { value: 'critical', label: 'Critical' },
          ],
        },
      })
      .addRadio({
        ...{ path: 'state', name: 'State', defaultValue: DEFAULTS.state },
        settings: {
          options: [
            { value: 'open', label: 'Open' },
            { value: 'all', label: 'All' },
          ],
        },
      })
      .addTextInput({
        ...{ path: 'target', name: 'Target', description: 'A part of its name; variables work' },
        defaultValue: DEFAULTS.target,
      })
      .addNumberInput({
        ...{ path: 'most', name: 'At most', description: '0 shows all', defaultValue: DEFAULTS.most },
        settings: { min: 0, integer: true },
      })
      .addBooleanSwitch({
        ...{ path: 'dense', name: 'Dense', description: 'Without the reasons', defaultValue: DEFAULTS.dense },
      }),
  )
  .setSuggestionsSupplier(({ rawFrames = [] }) =>
    countsIn(rawFrames) === null
      ? []
      : [{ name: 'Recommendations', score: VisualizationSuggestionScore.Best, options: DEFAULTS }],
  );
