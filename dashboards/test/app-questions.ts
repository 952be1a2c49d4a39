import * as asked from '../../grafana-plugin/src/prometheus/questions';
import type { View } from '../../grafana-plugin/src/app/about';

/** A question of the Grafana app: where it is made, by what name it is asked, and its PromQL. */
export type AppQuestion = { readonly from: string; readonly name: string; readonly expr: string };

type Questions = Readonly<Record<string, string>>;

/** Everything that the app asks about a view; `label_values` of its variables apart. */
export const appQuestions = (view: View): readonly AppQuestion[] => {
  const { variables: _, ...rest } = asked;
  return Object.entries<Questions | ((view: View) => Questions)>(rest).flatMap(([from, made]) =>
    Object.entries(typeof made === 'function' ? made(view) : made).map(([name, expr]) => ({ from, name, expr })),
  );
};

export const appVariables: Questions = asked.variables;

/** What a healthy stack of `npm start` may not answer; `never` as in ../src/without-data.ts. */
export const appWithoutData: readonly { readonly question: string; readonly why: string; readonly never?: true }[] = [
  { question: 'overview.alerts', why: 'nothing fires' },
  { question: 'overview.worst', why: 'no component costs anything' },
  { question: 'overview.failovers', why: 'no member was promoted yet' },
  { question: 'overview.last', why: 'no member was promoted yet' },
  { question: 'scoreMoments.failovers', why: 'no member was promoted yet' },
  { question: 'backups.verified', why: 'no restore was rehearsed yet' },
  { question: 'backups.restore', why: 'no restore was rehearsed yet' },
  ...['ended', 'passed', 'took', 'lost'].map((name) => ({
    ...{ question: `drills.${name}`, why: 'nothing was rehearsed yet' },
  })),
  { question: 'latencyCharts.waitP50', why: 'nobody waited long enough to be seen' },
  { question: 'latencyCharts.waitP99', why: 'nobody waited long enough to be seen' },
  { question: 'latencyCharts.acquireP50', why: 'the pool probe is not configured', never: true },
  { question: 'latencyCharts.acquireP99', why: 'the pool probe is not configured', never: true },
  { question: 'stageBuckets.wait', why: 'nobody waited long enough to be seen' },
  { question: 'stageBuckets.acquire', why: 'the pool probe is not configured', never: true },
];
