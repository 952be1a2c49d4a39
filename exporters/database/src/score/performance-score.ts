import { type PostgresFacts, type Thresholds, defineDerived, folded, gauge, legacy } from '@submilli/core';
import { standbys } from '../collectors/standbys';
import { signalsByDatabase } from './gather';
import { type Grade, gradeOf, publishedScore } from './hysteresis';
import { remember, type SeenStandbys } from './replication';
import { assess, type Assessment } from './scoring';
import { components, type Signals } from './signals';
import { type Recent, smooth } from './smoothing';

/** The score of one database, with all that it was made from. */
export type DatabaseScore = Assessment & {
  readonly database: string;
  readonly signals: Signals;
  /** As published: `now`, but slow to recover. */
  readonly value: number | null;
  readonly grade: Grade;
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
};

export type PerformanceScore = {
  readonly scores: readonly DatabaseScore[];
  /** What the signals were held against. */
  readonly thresholds: Thresholds;
  readonly seen: SeenStandbys;
  /** By database, what its momentary signals were lately. */
  readonly recent: ReadonlyMap<string, Recent>;
};

/** One database's score at one moment; `before` is its last one. */
export const scoreOf = (
  database: string,
  signals: Signals,
  thresholds: Thresholds,
  before: DatabaseScore | undefined,
  at: number,
): DatabaseScore => {
  const assessment = assess(signals, thresholds);
  const value = publishedScore(assessment.now, before, at);
  const grade = gradeOf(value, assessment.coverage, before?.grade);
  return { ...assessment, database, signals, value, grade, at };
};

const metrics = {
  score: legacy(
    folded(
      'min',
      gauge(
        'db_performance_score',
        'Health from 0 to 100: the weighted mean of its components, capped by one that is on fire; falls at once, recovers slowly.',
        ['database'],
      ),
    ),
  ),
  component: folded(
    'min',
    gauge(
      'db_performance_score_component',
      'Points of one component, 100 at the warning thresholds or better, 0 at a critical one or worse.',
      ['database', 'component'],
    ),
  ),
  weight: gauge('db_performance_score_component_weight', 'What the component weighs in the mean.', ['component']),
  coverage: folded(
    'min',
    gauge('db_performance_score_coverage_ratio', 'Share of the applicable weight that had data.', ['database']),
  ),
  worst: gauge('db_performance_score_worst', 'Always 1: the component that costs the score most.', [
    'database',
    'component',
  ]),
} as const;

export const performanceScore = defineDerived<PostgresFacts, PerformanceScore, typeof metrics>({
  name: 'performance-score',
  source: 'activity, database, wraparound, standbys, slots and the pool exporter',
  metrics,
  derive: (snapshots, env, before, at) => {
    const seen = remember(snapshots.of(standbys)?.[0], before?.seen ?? new Map(), at);
    const last = new Map(before?.scores.map((score) => [score.database, score]));
    const all = signalsByDatabase({ snapshots, seen, ...env });
    const { thresholds, window_seconds } = env.config;
    const smoothed = [...all].map(([database, signals]) => ({
      ...smooth(signals, before?.recent.get(database) ?? [], at, window_seconds),
      database,
    }));
    return {
      scores: smoothed.map(({ database, signals }) => scoreOf(database, signals, thresholds, last.get(database), at)),
      recent: new Map(smoothed.map(({ database, recent }) => [database, recent])),
      thresholds,
      seen,
    };
  },
  publish: ({ scores }, m) => [
    ...Object.entries(components).map(([component, { weight }]) => m.weight({ component }, weight)),
    ...scores.flatMap(({ database, value, coverage, worst, components: parts }) => [
      m.score({ database }, value),
      m.coverage({ database }, coverage),
      ...parts.map(({ component, points }) => m.component({ database, component }, points)),
      ...(worst === null ? [] : [m.worst({ database, component: worst }, 1)]),
    ]),
  ],
});
