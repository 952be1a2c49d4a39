import type { DataFrame } from '@grafana/data';
import { useMemo } from 'react';
import type { View } from '../../app/about';
import type { Histogram } from '../../domain/latency/histogram';
import { type Stage, stages } from '../../domain/latency/stages';
import { stageBuckets } from '../../prometheus/questions';
import { usePrometheus } from '../../prometheus/use-prometheus';
import { type Baseline, before } from './baseline';
import { histogramsBy } from './histograms';

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
  const now = usePrometheus(stageBuckets(view), view);
  const then = usePrometheus(stageBuckets(earlier), earlier);
  return {
    now: useMemo(() => stageHistograms(now.frames), [now.frames]),
    then: useMemo(() => stageHistograms(then.frames), [then.frames]),
    ...{ problem: now.problem, loading: now.loading, again: now.again },
  };
};
