import { PanelPlugin, VisualizationSuggestionScore } from '@grafana/data';
import { translated } from '../shared/translated';
import { HealthScorePanel } from './HealthScorePanel';
import { DEFAULTS, type HealthScoreOptions } from './options';
import { isAboutScores } from './scores';

export const plugin = new PanelPlugin<HealthScoreOptions>(translated(HealthScorePanel))
  .setPanelOptions((builder) =>
    builder
      .addRadio({
        path: 'show',
        name: 'Show',
        defaultValue: DEFAULTS.show,
        settings: {
          options: [
            { value: 'gauges-and-components', label: 'Score and components' },
            { value: 'gauges', label: 'Score' },
          ],
        },
      })
      .addNumberInput({
        ...{ path: 'most', name: 'Databases', description: 'The lowest scores only; 0 shows all' },
        ...{ defaultValue: DEFAULTS.most, settings: { min: 0, integer: true } },
      })
      .addBooleanSwitch({
        ...{ path: 'compare', name: 'Compare', description: 'With the beginning of the time range' },
        defaultValue: DEFAULTS.compare,
      }),
  )
  .setSuggestionsSupplier(({ rawFrames = [] }) =>
    isAboutScores(rawFrames)
      ? [{ name: 'Health score', score: VisualizationSuggestionScore.Best, options: DEFAULTS }]
      : [],
  );
