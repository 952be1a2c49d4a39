import {
  type PostgresFacts,
  type Snapshots,
  type Thresholds,
  defineDerived,
  gauge,
  legacy,
  spanOf,
} from '@submilli/core';
import { activity } from '../collectors/activity';
import { database } from '../collectors/database';
import { changeSince, databaseWindow } from '../samplers/database-window';
import { partsOf } from './components';
import { type Part, type Score, scoreOf } from './curve';

export type DatabaseScore = { readonly database: string; readonly parts: readonly Part[]; readonly score: Score };

/** The score of every database that any signal is known of. */
export const scoresOf = (snapshots: Snapshots, thresholds: Thresholds): readonly DatabaseScore[] => {
  const activities = snapshots.of(activity) ?? [];
  const rows = snapshots.of(database) ?? [];
  const window = snapshots.of(databaseWindow);
  const names = new Set([...activities, ...rows].map((row) => row.database));
  return [...names].map((name) => {
    const now = rows.find((row) => row.database === name);
    const parts = partsOf(
      {
        activity: activities.find((row) => row.database === name) ?? null,
        all: activities,
        change: now === undefined ? null : (changeSince(window, now) ?? null),
        windowSeconds: window === undefined ? null : (spanOf(window)?.seconds ?? null),
      },
      thresholds,
    );
    return { database: name, parts, score: scoreOf(parts) };
  });
};

const metrics = {
  score: legacy(
    gauge(
      'db_performance_score',
      'Health from 0 to 100: the weighted mean of its components (db_performance_score_component) that have data.',
      ['database'],
    ),
  ),
  component: gauge(
    'db_performance_score_component',
    'Points of one component, 100 at its warning threshold or better, 0 at its critical one or worse.',
    ['database', 'component'],
  ),
  weight: gauge('db_performance_score_component_weight', 'What the component weighs in the score.', ['component']),
  coverage: gauge('db_performance_score_coverage_ratio', 'Share of the weight that had data.', ['database']),
  worst: gauge('db_performance_score_worst', 'Always 1: the component that costs the score most.', [
    'database',
    'component',
  ]),
} as const;

export const performanceScore = defineDerived<PostgresFacts, readonly DatabaseScore[], typeof metrics>({
  name: 'performance-score',
  source: 'activity, database',
  metrics,
  derive: (snapshots, { config }) => scoresOf(snapshots, config.thresholds),
  publish: (scores, m) => {
    const weights = new Map(scores.flatMap(({ parts }) => parts.map((part) => [part.component, part.weight] as const)));
    return [
      ...[...weights].map(([component, weight]) => m.weight({ component }, weight)),
      ...scores.flatMap(({ database: name, parts, score }) => [
        m.score({ database: name }, score.value),
        m.coverage({ database: name }, score.coverage),
        ...parts.map((part) => m.component({ database: name, component: part.component }, part.points)),
        ...(score.worst === null ? [] : [m.worst({ database: name, component: score.worst }, 1)]),
      ]),
    ];
  },
});
