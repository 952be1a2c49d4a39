import type {
  PostgresFacts,
  Resource,
  ScoreAnswer,
  ScoreCheck,
  ScoreComponent,
  ScoreOfDatabase,
  Thresholds,
} from '@submilli/core';
import { type DatabaseScore, performanceScore } from '../score/performance-score';
import { type Check, type Component, scoreWithout } from '../score/scoring';
import { sayCap, sayCheck, sayComponent, worstCheck } from '../score/sentences';
import { signals } from '../score/signals';

/** How the score of each database comes about. */
export const scoreResource: Resource<PostgresFacts> = {
  path: 'score',
  answer: ({ snapshots }): ScoreAnswer => {
    const found = snapshots.of(performanceScore);
    const scores = [...(found?.scores ?? [])].sort((a, b) => (a.value ?? 101) - (b.value ?? 101));
    return {
      model: 1,
      databases: found === undefined ? [] : scores.map((score) => explain(score, found.thresholds)),
    };
  },
};

export const explain = (score: DatabaseScore, thresholds: Thresholds): ScoreOfDatabase => {
  const { database, value, now, grade, coverage, cap } = score;
  const components = score.components.map((component) => componentOf(component, score, thresholds));
  return {
    ...{ database, value, now, grade, coverage },
    cap: cap === null ? null : { at: cap.at, component: cap.component, why: sayCap(cap) },
    raise: raiseOf(components, score),
    components,
  };
};

const componentOf = (component: Component, score: DatabaseScore, thresholds: Thresholds): ScoreComponent => ({
  component: component.component,
  weight: component.weight,
  points: component.points,
  scoreIfWell: component.points === null ? null : scoreWithout(component.component, score.signals, thresholds),
  signal: worstCheck(component)?.signal ?? null,
  sentence: sayComponent(component),
  evidence: component.checks.map(checkOf),
});

const checkOf = (check: Check): ScoreCheck => {
  const { signal, value, points, warning, critical, missing } = check;
  const { unit, source, warning: low, critical: high } = signals[signal];
  const key = (threshold: string | number): string | null => (typeof threshold === 'string' ? threshold : null);
  return {
    ...{ signal, value, unit, points, warning, critical, source },
    thresholds: { warning: key(low), critical: key(high) },
    state: missing?.missing ?? 'known',
    sentence: sayCheck(check),
  };
};

/** With several fires no single component helps much; the one that costs most is then where to begin. */
const raiseOf = (components: readonly ScoreComponent[], { now, worst }: DatabaseScore): ScoreOfDatabase['raise'] => {
  if (now === null || worst === null) return null;
  const gain = ({ scoreIfWell }: ScoreComponent): number => (scoreIfWell ?? now) - now;
  const start = components.find(({ component }) => component === worst);
  const best = components.reduce(
    (most, candidate) => (most === undefined || gain(candidate) > gain(most) ? candidate : most),
    start,
  );
  if (best === undefined) return null;
  const to = best.scoreIfWell ?? now;
  const sentence = `With ${best.component} well, the score would be ${Math.round(to)} instead of ${Math.round(now)}: ${best.sentence}`;
  return { component: best.component, to, sentence };
};
