import { useMemo } from 'react';
import type { View } from '../../app/about';
import { momentsOf } from '../../domain/score/events';
import { type Incident, incidentsOf, meanOf, shifted, type Timeline } from '../../domain/score/incidents';
import { type Series, seriesOf } from '../../prometheus/query';
import { scoreHistory, scoreMoments } from '../../prometheus/questions';
import { usePrometheus } from '../../prometheus/use-prometheus';

/** What Prometheus remembers of one database. */
export type History = {
  readonly score: Timeline;
  /** The time of the same length before, moved to lie over this one. */
  readonly before: Timeline;
  readonly components: ReadonlyMap<string, Timeline>;
  /** The mean points of each component in the time before. */
  readonly componentsBefore: ReadonlyMap<string, number>;
  readonly incidents: readonly Incident[];
};

const EMPTY: Timeline = { times: [], values: [] };
/** A database on one of the exporter's targets; where series name no target there is but one. */
export type Which = { readonly database: string; readonly target: string };

const ofDatabase = (series: readonly Series[], { database, target }: Which): readonly Series[] =>
  series.filter(({ labels }) => labels.database === database && (labels.target ?? target) === target);

const byComponent = (series: readonly Series[]): ReadonlyMap<string, Timeline> =>
  new Map(series.map(({ labels, times, values }) => [labels.component ?? '', { times, values }]));

export const historyOf = (
  which: Which,
  now: Readonly<Record<'score' | 'components', readonly Series[]>>,
  then: Readonly<Record<'score' | 'components', readonly Series[]>>,
  length: number,
): History => {
  const [score = EMPTY] = ofDatabase(now.score, which);
  const [before = EMPTY] = ofDatabase(then.score, which);
  const components = byComponent(ofDatabase(now.components, which));
  const means = [...byComponent(ofDatabase(then.components, which))].flatMap(([component, timeline]) => {
    const mean = meanOf(timeline);
    return mean === null ? [] : [[component, mean] as const];
  });
  return {
    ...{ score, before: shifted(before, length), components, componentsBefore: new Map(means) },
    incidents: incidentsOf(score, components),
  };
};

export const useHistory = (view: View) => {
  const length = view.to - view.from;
  const earlier = { ...view, from: view.from - length, to: view.from };
  const now = usePrometheus({ ...scoreHistory(view), ...scoreMoments(view) }, view, true);
  const then = usePrometheus(scoreHistory(earlier), earlier, true);
  const [frames, framesBefore] = [now.frames, then.frames];
  const told = useMemo(() => {
    const read = (all: typeof frames, name: string) => seriesOf(all?.get(name) ?? []);
    const both = (all: typeof frames) => ({ score: read(all, 'score'), components: read(all, 'components') });
    const [present, past] = [both(frames), both(framesBefore)];
    return {
      of: (which: Which): History => historyOf(which, present, past, length),
      remembered: present.score.map(({ labels }): Which => ({
        database: labels.database ?? '',
        target: labels.target ?? '',
      })),
      moments: [
        ...momentsOf('failover', read(frames, 'failovers'), view),
        ...momentsOf('restart', read(frames, 'restarts'), view),
      ],
    };
  }, [frames, framesBefore, length, view]);
  return { ...told, problem: now.problem, loading: now.loading, again: now.again };
};
