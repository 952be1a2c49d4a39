import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertThresholds } from '@submilli/catalogue';
import { lines, stat } from '../lib/panels';
import { firingAlerts } from '../lib/promql';
import { type AdviceOptions, healthScores, recommendations } from '../lib/plugin-panels';
import { now, over, type Query } from '../lib/targets';
import { none, notBelow } from '../lib/thresholds';
import { units } from '../lib/units';

export const scores = (of: string, by: string, show: 'gauges' | 'gauges-and-components'): Panel =>
  healthScores(
    {
      title: 'Health score',
      description:
        'Health from 0 to 100 and the points of each component, lowest database first. A component that is low caps the score; its signals are on the page Health.',
      unit: units.count,
      targets: {
        score: over(`min by (${by}) (db_performance_score{${of}})`, 'db_performance_score'),
        component: over(
          `min by (${by}, component) (db_performance_score_component{${of}})`,
          'db_performance_score_component',
        ),
      },
    },
    { show },
  );

export const components = (of: string): Panel =>
  lines({
    title: 'Points of each component',
    description:
      'What the score is made of: 100 is at the warning thresholds or better, 0 at a critical one. The lowest line says where to look first.',
    unit: units.count,
    ...{ min: 0, max: 100 },
    targets: {
      points: over(`min by (component) (db_performance_score_component{${of}})`, '{{component}}'),
    },
    thresholds: notBelow(alertThresholds.healthScore),
  });

export const scoreOverTime = (of: string): Panel =>
  lines({
    title: 'Score of each database over time',
    description:
      'The lowest score among the servers of each database. It falls at once and recovers slowly; a dip that all share has a common cause.',
    unit: units.count,
    ...{ min: 0, max: 100 },
    targets: {
      score: over(`min by (cluster, database) (db_performance_score{${of}})`, '{{cluster}} {{database}}'),
    },
    thresholds: notBelow(alertThresholds.healthScore),
  });

/** An advice panel asks the exporters; what it asks Prometheus is said when they do not answer. */
export const advice = (matchers: string, options: AdviceOptions): Panel =>
  recommendations(
    {
      title: 'Recommendations',
      description:
        'What the exporters advise now, most severe first, each with its reason and remedy one click away. None is good news only as far as all rules could be evaluated.',
      unit: units.count,
      targets: { counts: adviceCounts(matchers) },
    },
    options,
  );

const adviceCounts = (matchers: string): Query =>
  now(`sum by (rule, severity) (db_advice_recommendations{${matchers}})`);

export const firing = (matchers: string): Panel =>
  stat({
    title: 'Alerts firing',
    description:
      'Critical and warning alerts of Prometheus that fire now for what is chosen above. 0 also where no rules are loaded; alert-rules/README.md says how to load ours.',
    unit: units.count,
    targets: { value: over(`count(${firingAlerts(matchers)}) or vector(0)`) },
    thresholds: none(),
  });
