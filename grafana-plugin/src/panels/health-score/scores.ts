import type { DataFrame } from '@grafana/data';
import { type Component, differenceOf, withGains } from '../../domain/score/score';
import { firstOf, type LabelledSeries, labelledSeries, lastOf } from '../shared/series';

export type DatabaseScore = {
  readonly database: string;
  readonly cluster: string;
  /** Empty where series name none. */
  readonly target: string;
  readonly value: number | null;
  /** Against the beginning of the time that is shown; null when there is but one value. */
  readonly difference: number | null;
  /** Share of the weight that had data; null when that was not asked for. */
  readonly coverage: number | null;
  readonly components: readonly Component[];
};

type Kind = 'score' | 'component' | 'weight' | 'coverage' | 'other';

/** By the metric's name; without one (an expression, a renamed series) by its labels. */
const kindOf = ({ labels, name }: LabelledSeries): Kind => {
  const metric = labels.__name__ ?? /^db_performance_score\w*/.exec(name)?.[0];
  switch (metric) {
    case 'db_performance_score':
      return 'score';
    case 'db_performance_score_component':
      return 'component';
    case 'db_performance_score_component_weight':
      return 'weight';
    case 'db_performance_score_coverage_ratio':
      return 'coverage';
    case undefined:
      return 'component' in labels ? 'component' : 'score';
    default:
      return 'other';
  }
};

const keyOf = ({ cluster = '', target = '', database = '' }: LabelledSeries['labels']): string =>
  `${cluster}\n${target}\n${database}`;

/** The lowest first. */
export const scoresOf = (frames: readonly DataFrame[]): readonly DatabaseScore[] => {
  const all = labelledSeries(frames)
    .filter(({ values }) => values.length > 0)
    .map((series) => ({ series, kind: kindOf(series), key: keyOf(series.labels) }));
  const weights = new Map(
    all
      .filter(({ kind }) => kind === 'weight')
      .map(({ series }) => [`${series.labels.cluster ?? ''}\n${series.labels.component ?? ''}`, lastOf(series)]),
  );
  const databases = new Map(
    all
      .filter(({ kind }) => kind === 'score' || kind === 'component')
      .map(({ key, series: { labels } }) => [key, labels] as const),
  );
  return [...databases]
    .map(([key, { database = '', cluster = '', target = '' }]): DatabaseScore => {
      const of = (kind: Kind) => all.filter((one) => one.kind === kind && one.key === key).map(({ series }) => series);
      const [score] = of('score');
      const [coverage] = of('coverage');
      const components = of('component').map((series) => ({
        component: series.labels.component ?? '',
        points: lastOf(series),
        weight: weights.get(`${cluster}\n${series.labels.component ?? ''}`) ?? null,
      }));
      return {
        ...{ database, cluster, target, value: score === undefined ? null : lastOf(score) },
        difference: score === undefined || score.values.length < 2 ? null : differenceOf(lastOf(score), firstOf(score)),
        coverage: coverage === undefined ? null : lastOf(coverage),
        components: withGains(components),
      };
    })
    .toSorted((a, b) => (a.value ?? 101) - (b.value ?? 101) || a.database.localeCompare(b.database));
};

/** As short as it can be told apart from the others. */
export const nameOf = ({ database, cluster, target }: DatabaseScore, all: readonly DatabaseScore[]): string => {
  const alike = all.filter((one) => one.database === database);
  const isOne = (values: readonly string[]): boolean => new Set(values).size < 2;
  return [
    database,
    ...(target === '' || isOne(alike.map((one) => one.target)) ? [] : [target]),
    ...(cluster === '' || isOne(all.map((one) => one.cluster)) ? [] : [cluster]),
  ].join(' · ');
};

/** Whether these frames are about scores at all; a suggestion is made only then. */
export const isAboutScores = (frames: readonly DataFrame[]): boolean =>
  labelledSeries(frames).some(({ labels, name }) =>
    /^db_performance_score(_component)?\b/.test(labels.__name__ ?? name),
  );
