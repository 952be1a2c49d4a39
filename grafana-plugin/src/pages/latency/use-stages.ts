import type { DataFrame } from '@grafana/data';
import { useMemo } from 'react';
import { matchers, type View } from '../../app/view';
import type { Histogram } from '../../domain/latency/histogram';
import { type Stage, stages } from '../../domain/latency/stages';
import { usePrometheus } from '../../prometheus/use-prometheus';
import { type Baseline, before } from './baseline';
import { histogramsBy, spanSeconds, statementBuckets } from './histograms';

const queriesOf = (view: View) => {
  const span = `${spanSeconds(view)}s`;
  const ofCluster = matchers({ ...view, database: '' });
  const ofDatabase = matchers(view);
  const log = matchers(view, ['source="log"']);
  return {
    statements: statementBuckets(view, '', spanSeconds(view)),
    commit: `sum by (le) (increase(db_commit_duration_seconds_bucket{${log}}[${span}]))`,
    wait: `sum by (le) (increase(db_pool_queue_wait_seconds_bucket{${ofDatabase}}[${span}]))`,
    acquire: `sum by (le) (increase(db_pool_acquire_seconds_bucket{${ofCluster}}[${span}]))`,
    canary: `sum by (le, path, operation) (increase(db_canary_duration_seconds_bucket{${ofCluster}}[${span}]))`,
  };
};

type Frames = ReadonlyMap<string, readonly DataFrame[]> | undefined;

/** One histogram for each stage that has one. */
export const stageHistograms = (frames: Frames): ReadonlyMap<Stage, Histogram> => {
  const one = (name: string, key: string) => histogramsBy(frames?.get(name) ?? [], () => key);
  const all = new Map([
    ...one('statements', 'statements'),
    ...one('commit', 'commit'),
    ...one('wait', 'pool-wait'),
    ...one('acquire', 'pool-acquire'),
    ...histogramsBy(frames?.get('canary') ?? [], ({ path = '', operation = '' }) => `canary-${path}-${operation}`),
  ]);
  return new Map(
    stages.flatMap((stage) => {
      const histogram = all.get(stage);
      return histogram === undefined ? [] : [[stage, histogram] as const];
    }),
  );
};

export const useStages = (view: View, baseline: Baseline) => {
  const earlier = before(view, baseline);
  const now = usePrometheus(queriesOf(view), view);
  const then = usePrometheus(queriesOf(earlier), earlier);
  return {
    now: useMemo(() => stageHistograms(now.frames), [now.frames]),
    then: useMemo(() => stageHistograms(then.frames), [then.frames]),
    ...{ problem: now.problem, loading: now.loading, again: now.again },
  };
};
